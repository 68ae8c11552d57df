#include "engine/audio/resample.h"

#include <soxr.h>

#include "engine/audio/waveform.h"
#include "kernels/base/error.h"

namespace consilience::engine::audio {

std::vector<float> resample(std::span<const float> mono, int from, int to,
                            const std::string& name) {
  const int64_t length = resampled_length({std::ssize(mono), from}, to);
  // One more than expected, so that a resampler that gives more is found out.
  std::vector<float> out(static_cast<size_t>(length) + 1);
  const soxr_quality_spec_t quality = soxr_quality_spec(SOXR_VHQ, 0);
  size_t taken = 0, made = 0;
  const soxr_error_t problem =
      soxr_oneshot(from, to, 1, mono.data(), mono.size(), &taken, out.data(), out.size(), &made,
                   nullptr, &quality, nullptr);
  expect(problem == nullptr, "{}: from {} to {} Hz: soxr: {}", name, from, to,
         problem == nullptr ? "" : problem);
  expect(taken == mono.size() && static_cast<int64_t>(made) == length,
         "{}: from {} to {} Hz: expected {} samples of soxr, found {}", name, from, to, length,
         made);
  out.resize(made);
  return out;
}

}  // namespace consilience::engine::audio
