#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/store/tensor.h"

namespace consilience::engine {

/// Elements [first, first + out.size()) of a tensor as float32: f16 and bf16 exactly, f64 where the
/// value is a float32. Returns the index in `out` of the first value that is not, or -1.
/// With `round`, f64 is rounded to nearest even and the answer is always -1.
int64_t widen(const TensorView& tensor, int64_t first, std::span<float> out, bool round = false);

/// float32 to f16 or bf16, to nearest even; a NaN stays one. Beyond the largest f16: infinity.
[[nodiscard]] std::vector<uint16_t> narrow(std::span<const float> values, Dtype dtype);

}  // namespace consilience::engine
