#include "engine/audio/waveform.h"

#include <algorithm>
#include <cmath>

#include "engine/audio/resample.h"
#include "engine/audio/sound_file.h"
#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

/// Frames that the first `most_samples` are made of, and a second more: the resampler's filter
/// reaches a few milliseconds beyond them.
int64_t frames_needed(const RecordingSize& size, const WaveformRecipe& recipe) {
  if (size.rate == recipe.rate) return std::min(size.frames, recipe.most_samples);
  const double frames = std::ceil(static_cast<double>(recipe.most_samples) * size.rate /
                                  static_cast<double>(recipe.rate));
  const double all = static_cast<double>(size.frames);
  return static_cast<int64_t>(std::min(all, frames + size.rate));
}

std::vector<float> first_frames(audio::SoundFile& file, int64_t count, const std::string& name) {
  std::vector<float> mono;
  while (std::ssize(mono) < count) {
    const std::span<const float> block = file.next();
    expect(!block.empty(), "{}: expected {} frames as when it was checked, found {}", name, count,
           mono.size());
    mono.insert(mono.end(), block.begin(), block.end());
  }
  mono.resize(static_cast<size_t>(count));
  return mono;
}

}  // namespace

RecordingSize check_recording(std::span<const std::byte> bytes, const std::string& name) {
  audio::SoundFile file(bytes, name);
  RecordingSize size{0, file.rate()};
  for (auto block = file.next(); !block.empty(); block = file.next())
    size.frames += std::ssize(block);
  return size;
}

int64_t resampled_length(const RecordingSize& recording, int to) {
  if (recording.rate == to) return recording.frames;
  return (2 * recording.frames * to + recording.rate) / (2 * int64_t{recording.rate});
}

int64_t waveform_length(const RecordingSize& recording, const WaveformRecipe& recipe) {
  return std::min(recipe.most_samples, resampled_length(recording, recipe.rate));
}

std::vector<float> make_waveform(std::span<const std::byte> bytes, const std::string& name,
                                 const RecordingSize& size, const WaveformRecipe& recipe) {
  audio::SoundFile file(bytes, name);
  expect(file.rate() == size.rate, "{}: expected {} Hz as when it was checked, found {}", name,
         size.rate, file.rate());
  std::vector<float> waveform = first_frames(file, frames_needed(size, recipe), name);
  if (size.rate != recipe.rate) waveform = audio::resample(waveform, size.rate, recipe.rate, name);
  waveform.resize(static_cast<size_t>(waveform_length(size, recipe)));
  if (recipe.unit) normalise_to_unit(waveform);
  return waveform;
}

void normalise_to_unit(std::span<float> waveform) {
  const auto count = static_cast<double>(waveform.size());
  double sum = 0;
  for (const float x : waveform) sum += static_cast<double>(x);
  const double mean = sum / count;
  double squares = 0;
  for (const float x : waveform)
    squares += (static_cast<double>(x) - mean) * (static_cast<double>(x) - mean);
  const double scale = std::sqrt(squares / count + 1e-7);
  for (float& x : waveform) x = static_cast<float>((static_cast<double>(x) - mean) / scale);
}

}  // namespace consilience::engine
