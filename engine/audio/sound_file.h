#pragma once
#include <sndfile.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace consilience::engine::audio {

/// What libsndfile reads in place of a file.
struct FileInMemory {
  std::span<const std::byte> bytes;
  sf_count_t position = 0;
};

/// A WAV, FLAC, Ogg (Vorbis, Opus) or MP3 file, told by its content, read from its start.
class SoundFile {
 public:
  /// `bytes` must stay. Throws Error(never), "<name>: <reason>", for what is none of these, for a
  /// file that ends before its container says, and for a rate that no recording has.
  SoundFile(std::span<const std::byte> bytes, std::string name);
  SoundFile(const SoundFile&) = delete;
  SoundFile& operator=(const SoundFile&) = delete;

  [[nodiscard]] int rate() const { return info_.samplerate; }  // Hz

  /// The next frames, each the mean of its channels, taken in double; empty at the end. Memory is
  /// bounded whatever the header says. Throws Error(never) for a damaged or truncated file, one
  /// without frames, and values that are not finite.
  [[nodiscard]] std::span<const float> next();

 private:
  struct Close {
    void operator()(SNDFILE* file) const { sf_close(file); }
  };

  void check_header() const;
  void check_end() const;

  FileInMemory memory_;
  std::string name_;
  SF_INFO info_{};
  std::unique_ptr<SNDFILE, Close> file_;
  int64_t frames_read_ = 0;
  std::vector<double> block_;  // [frames, channels]
  std::vector<float> mono_;    // [frames]
};

}  // namespace consilience::engine::audio
