#pragma once
#include <sndfile.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <numbers>
#include <span>
#include <vector>

#include "kernels/base/error.h"

/// Recordings made by libsndfile, in memory.
namespace consilience::engine {

namespace written {
struct Growing {
  std::vector<std::byte> bytes;
  sf_count_t position = 0;
};
inline Growing& in(void* memory) { return *static_cast<Growing*>(memory); }
inline sf_count_t length(void* memory) { return std::ssize(in(memory).bytes); }
inline sf_count_t tell(void* memory) { return in(memory).position; }
inline sf_count_t seek(sf_count_t offset, int whence, void* memory) {
  Growing& file = in(memory);
  const sf_count_t end = std::ssize(file.bytes);
  file.position = offset + (whence == SEEK_CUR ? file.position : whence == SEEK_END ? end : 0);
  return file.position;
}
inline sf_count_t read(void* to, sf_count_t count, void* memory) {
  Growing& file = in(memory);
  const sf_count_t some = std::min(count, std::ssize(file.bytes) - file.position);
  std::memcpy(to, file.bytes.data() + file.position, static_cast<size_t>(some));
  file.position += some;
  return some;
}
inline sf_count_t write(const void* from, sf_count_t count, void* memory) {
  Growing& file = in(memory);
  const auto end = static_cast<size_t>(file.position + count);
  if (end > file.bytes.size()) file.bytes.resize(end);
  std::memcpy(file.bytes.data() + file.position, from, static_cast<size_t>(count));
  file.position += count;
  return count;
}
}  // namespace written

/// `values`: [frames, channels]. Integers are written as they stand in the upper bits of 32.
template <typename T>
std::vector<std::byte> sound_bytes(std::span<const T> values, int format, int rate,
                                   int channels = 1) {
  SF_INFO info{};
  info.format = format;
  info.samplerate = rate;
  info.channels = channels;
  SF_VIRTUAL_IO io{written::length, written::seek, written::read, written::write, written::tell};
  written::Growing file;
  SNDFILE* handle = sf_open_virtual(&io, SFM_WRITE, &info, &file);
  expect(handle != nullptr, "libsndfile: {}", sf_strerror(nullptr));
  const auto frames = static_cast<sf_count_t>(values.size()) / channels;
  if constexpr (std::is_same_v<T, int32_t>)
    sf_writef_int(handle, values.data(), frames);
  else if constexpr (std::is_same_v<T, float>)
    sf_writef_float(handle, values.data(), frames);
  else
    sf_writef_double(handle, values.data(), frames);
  sf_close(handle);
  return file.bytes;
}

/// amplitude * sin(2 pi hertz t).
inline std::vector<float> sine(double hertz, int rate, int64_t frames, double amplitude = 0.5) {
  std::vector<float> values(static_cast<size_t>(frames));
  for (int64_t i = 0; i < frames; ++i)
    values[static_cast<size_t>(i)] = static_cast<float>(
        amplitude * std::sin(2 * std::numbers::pi * hertz * static_cast<double>(i) / rate));
  return values;
}

inline std::vector<std::byte> wav(std::span<const float> values, int rate, int channels = 1) {
  return sound_bytes<float>(values, SF_FORMAT_WAV | SF_FORMAT_FLOAT, rate, channels);
}

}  // namespace consilience::engine
