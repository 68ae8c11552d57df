#include "engine/audio/sound_file.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "engine/audio/container.h"
#include "kernels/base/error.h"

namespace consilience::engine::audio {
namespace {

constexpr int64_t kBlock = 1 << 16;  // values
constexpr int kLowestRate = 1'000, kHighestRate = 1'000'000;

FileInMemory& in(void* memory) { return *static_cast<FileInMemory*>(memory); }

sf_count_t length(void* memory) { return std::ssize(in(memory).bytes); }
sf_count_t tell(void* memory) { return in(memory).position; }
sf_count_t no_write(const void*, sf_count_t, void*) { return 0; }

sf_count_t seek(sf_count_t offset, int whence, void* memory) {
  auto& [bytes, position] = in(memory);
  const sf_count_t end = std::ssize(bytes);
  const sf_count_t from = whence == SEEK_CUR ? position : whence == SEEK_END ? end : 0;
  // Offsets come from untrusted headers: the sum may not fit.
  sf_count_t sum = 0;
  if (__builtin_add_overflow(from, offset, &sum)) return -1;
  return position = std::clamp<sf_count_t>(sum, 0, end);
}

sf_count_t read(void* to, sf_count_t count, void* memory) {
  auto& [bytes, position] = in(memory);
  const sf_count_t some = std::clamp<sf_count_t>(count, 0, std::ssize(bytes) - position);
  if (some > 0) std::memcpy(to, bytes.data() + position, static_cast<size_t>(some));
  position += some;
  return some;
}

bool is_read(int format) {
  const int kind = format & SF_FORMAT_TYPEMASK;
  return kind == SF_FORMAT_WAV || kind == SF_FORMAT_WAVEX || kind == SF_FORMAT_FLAC ||
         kind == SF_FORMAT_OGG || kind == SF_FORMAT_MPEG;
}

/// "AIFF (Apple/SGI)": libsndfile's own name of a container.
std::string container_name(int format) {
  SF_FORMAT_INFO info{};
  info.format = format & SF_FORMAT_TYPEMASK;
  sf_command(nullptr, SFC_GET_FORMAT_INFO, &info, sizeof info);
  return info.name == nullptr ? "unknown" : info.name;
}

/// Without the full stop.
std::string reason(SNDFILE* file) {
  std::string text = sf_strerror(file);
  while (text.ends_with('.') || text.ends_with(' ')) text.pop_back();
  return text;
}

}  // namespace

SoundFile::SoundFile(std::span<const std::byte> bytes, std::string name)
    : memory_{bytes}, name_(std::move(name)) {
  const std::string other = looks_like_no_recording(bytes);
  expect(other.empty(), "{}: {}", name_, other);
  const std::string cut = cut_short(bytes);
  expect(cut.empty(), "{}: {}", name_, cut);
  SF_VIRTUAL_IO io{length, seek, read, no_write, tell};
  file_.reset(sf_open_virtual(&io, SFM_READ, &info_, &memory_));
  expect(file_ != nullptr, "{}: not a recording: {}", name_, reason(nullptr));
  check_header();
  const int64_t frames = std::max<int64_t>(1, kBlock / info_.channels);
  block_.resize(static_cast<size_t>(frames * info_.channels));
  mono_.resize(static_cast<size_t>(frames));
}

void SoundFile::check_header() const {
  expect(is_read(info_.format), "{}: {}, which is not read: expected WAV, FLAC, Ogg or MP3", name_,
         container_name(info_.format));
  expect(info_.channels >= 1, "{}: no channels", name_);
  expect(info_.samplerate >= kLowestRate && info_.samplerate <= kHighestRate,
         "{}: expected a sample rate of {} to {} Hz, found {}", name_, kLowestRate, kHighestRate,
         info_.samplerate);
}

void SoundFile::check_end() const {
  expect(sf_error(file_.get()) == SF_ERR_NO_ERROR, "{}: damaged or truncated: {}", name_,
         reason(file_.get()));
  const bool promised = info_.frames != SF_COUNT_MAX;
  expect(!promised || frames_read_ >= info_.frames,
         "{}: truncated: its header promises {} frames, {} are there", name_, info_.frames,
         frames_read_);
  expect(frames_read_ > 0, "{}: no sound in it: 0 frames", name_);
}

std::span<const float> SoundFile::next() {
  const auto channels = static_cast<size_t>(info_.channels);
  const auto frames = static_cast<size_t>(
      std::max<sf_count_t>(0, sf_readf_double(file_.get(), block_.data(), std::ssize(mono_))));
  if (frames == 0) {
    check_end();
    return {};
  }
  for (size_t f = 0; f < frames; ++f) {
    double sum = 0;
    for (size_t c = 0; c < channels; ++c) sum += block_[f * channels + c];
    mono_[f] = static_cast<float>(sum / static_cast<double>(channels));
    expect(std::isfinite(mono_[f]), "{}: frame {} is not a finite number", name_,
           frames_read_ + static_cast<int64_t>(f));
  }
  frames_read_ += static_cast<int64_t>(frames);
  return std::span<const float>(mono_).first(frames);
}

}  // namespace consilience::engine::audio
