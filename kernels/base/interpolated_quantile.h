#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

/// numpy's "linear" quantile, interpolated in double: which two of the sorted values it lies
/// between, and what they give, so that a backend may select as it likes.
namespace consilience::kernels {

struct QuantilePlace {
  int64_t below;  // index in the sorted values
  double t;       // the way to the next one; 0: there is no need of it

  /// `a` stands at `below`, `b` next.
  [[nodiscard]] double between(double a, double b) const {
    if (t == 0) return a;
    return t < 0.5 ? a + (b - a) * t : b - (b - a) * (1 - t);
  }
};

/// Of `count` values, at least one.
inline QuantilePlace quantile_place(int64_t count, double q) {
  const double at = q * static_cast<double>(count - 1);
  const auto below = static_cast<int64_t>(std::floor(at));
  return {below, at - static_cast<double>(below)};
}

/// Of `values` (not empty; reordered).
inline double interpolated_quantile(std::vector<float>& values, double q) {
  const QuantilePlace place = quantile_place(std::ssize(values), q);
  const auto low = values.begin() + place.below;
  std::nth_element(values.begin(), low, values.end());
  const double a = *low;
  return place.between(a, place.t == 0 ? a : *std::min_element(low + 1, values.end()));
}

}  // namespace consilience::kernels
