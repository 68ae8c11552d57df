#pragma once
#include <algorithm>
#include <cstdint>

#include "kernels/base/fixed_sum.h"
#include "kernels/ops/condition.h"

namespace consilience::testing {

/// The exact score of two rows in double (numerics section 2); for euclidean minus half of d2.
inline double exact_score(const kernels::Conditioned& side, kernels::Similarity similarity,
                          int64_t i, int64_t j) {
  const auto value = [&](int64_t row, int64_t f) {
    const double mean = side.mean.empty() ? 0.0 : side.mean[static_cast<size_t>(f)];
    return static_cast<double>(std::clamp(side.x(row, f), -side.clamp, side.clamp)) - mean;
  };
  const auto scale = [&](int64_t row) {
    return side.scale.empty() ? 1.0 : side.scale[static_cast<size_t>(row)];
  };
  if (similarity == kernels::Similarity::euclidean) {
    const auto gap = [&](int64_t f) { return value(i, f) - value(j, f); };
    return -0.5 * kernels::fixed_dot(side.x.cols(), gap, gap);
  }
  const auto v = [&](int64_t f) { return value(i, f); };
  const auto w = [&](int64_t f) { return value(j, f); };
  return kernels::fixed_dot(side.x.cols(), v, w) * (scale(i) * scale(j));
}

}  // namespace consilience::testing
