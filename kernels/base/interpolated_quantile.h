#pragma once
#include <algorithm>
#include <cmath>
#include <vector>

namespace consilience::kernels {

/// numpy's "linear" quantile of `values` (not empty; reordered), interpolated in double.
inline double interpolated_quantile(std::vector<float>& values, double q) {
  const double at = q * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::ptrdiff_t>(std::floor(at));
  const double t = at - static_cast<double>(below);
  const auto low = values.begin() + below;
  std::nth_element(values.begin(), low, values.end());
  const double a = *low;
  if (t == 0) return a;
  const double b = *std::min_element(low + 1, values.end());
  return t < 0.5 ? a + (b - a) * t : b - (b - a) * (1 - t);
}

}  // namespace consilience::kernels
