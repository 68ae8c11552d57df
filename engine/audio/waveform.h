#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/types/data_set.h"

namespace consilience::engine {

/// What a network hears: mono at `rate`, cut to the first `most_samples`; `unit`: then
/// (x - mean) / sqrt(variance + 1e-7), as transformers' Wav2Vec2FeatureExtractor does.
struct WaveformRecipe {
  int rate = 0;  // Hz
  int64_t most_samples = 0;
  bool unit = false;
};

/// Reads the whole file and counts its frames. Throws Error(never), "<name>: <reason>", for what is
/// no recording, damaged, truncated, empty or not finite; for a data set's validity.
[[nodiscard]] RecordingSize check_recording(std::span<const std::byte> bytes,
                                            const std::string& name);

/// Samples of a recording at another rate: frames * to / from, rounded half up. The resampler gives
/// exactly as many.
[[nodiscard]] int64_t resampled_length(const RecordingSize& recording, int to);

/// Samples of make_waveform(), from the size alone.
[[nodiscard]] int64_t waveform_length(const RecordingSize& recording, const WaveformRecipe& recipe);

/// Decodes, averages the channels in double, resamples by soxr's VHQ (not at all where the rate is
/// the recipe's: then samples keep their bits), cuts and normalises with sums in double. Of a long
/// recording only the part before the cut and a second more is resampled. `size`: of
/// check_recording(). Throws Error(never) as that does, and for a file of another size.
[[nodiscard]] std::vector<float> make_waveform(std::span<const std::byte> bytes,
                                               const std::string& name, const RecordingSize& size,
                                               const WaveformRecipe& recipe);

/// The last step of `unit`, in place.
void normalise_to_unit(std::span<float> waveform);

}  // namespace consilience::engine
