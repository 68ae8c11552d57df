#pragma once
#include <span>
#include <string>
#include <vector>

namespace consilience::engine::audio {

/// soxr's VHQ (28 bits, linear phase) from one rate in Hz to another; `name` for messages.
[[nodiscard]] std::vector<float> resample(std::span<const float> mono, int from, int to,
                                          const std::string& name);

}  // namespace consilience::engine::audio
