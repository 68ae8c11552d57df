#include "engine/audio/container.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace consilience::engine::audio {
namespace {

using namespace std::string_view_literals;

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

bool is_text(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    const auto value = static_cast<unsigned char>(c);
    return value >= 0x20 || value == '\n' || value == '\r' || value == '\t';
  });
}

uint32_t number(std::string_view four, bool big_endian) {
  uint32_t value = 0;
  for (size_t i = 0; i < 4; ++i) {
    const auto byte = static_cast<unsigned char>(four[big_endian ? i : 3 - i]);
    value = value << 8 | byte;
  }
  return value;
}

/// Chunks are a name of four letters, a size, and so many bytes, padded to an even number.
std::string cut_wav(std::string_view file, bool big_endian) {
  constexpr uint32_t kStreamed = 0xFFFFFFFF;  // the writer did not know the size
  for (uint64_t at = 12; at + 8 <= file.size();) {
    const uint32_t size = number(file.substr(at + 4), big_endian);
    const uint64_t left = file.size() - at - 8;
    if (file.substr(at, 4) == "data"sv) {
      if (size == kStreamed || size <= left) return "";
      return fmt::format("truncated: its header promises {} bytes of sound, {} are there", size,
                         left);
    }
    at += uint64_t{8} + size + size % 2;
  }
  return "truncated: a WAV file without a data chunk";
}

/// Pages start with "OggS" and say how long they are; the last one ends the stream.
std::string cut_ogg(std::string_view file) {
  constexpr size_t kHeader = 27, kFlags = 5, kSegments = 26;
  constexpr unsigned char kEnd = 4;
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(file[i]); };
  const size_t last = file.rfind("OggS"sv);
  size_t end = last + kHeader;
  if (end <= file.size()) {
    const size_t segments = byte(last + kSegments);
    end += segments;
    for (size_t s = 0; s < segments && end <= file.size(); ++s)
      if (last + kHeader + s < file.size()) end += byte(last + kHeader + s);
  }
  if (end > file.size()) return "truncated: its last page is cut";
  return (byte(last + kFlags) & kEnd) != 0 ? ""
                                           : "truncated: its last page does not end the stream";
}

}  // namespace

std::string looks_like_no_recording(std::span<const std::byte> bytes) {
  constexpr size_t kLooked = 512;
  if (bytes.empty()) return "empty file (0 bytes)";
  return is_text(text_of(bytes.first(std::min(kLooked, bytes.size())))) ? "text, not a recording"
                                                                        : "";
}

std::string cut_short(std::span<const std::byte> bytes) {
  const std::string_view file = text_of(bytes);
  const bool big_endian = file.starts_with("RIFX"sv);
  if ((big_endian || file.starts_with("RIFF"sv)) && file.substr(0, 12).ends_with("WAVE"sv))
    return cut_wav(file, big_endian);
  return file.starts_with("OggS"sv) ? cut_ogg(file) : "";
}

}  // namespace consilience::engine::audio
