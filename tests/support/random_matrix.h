#pragma once
#include <cmath>
#include <cstdint>
#include <numbers>

#include "kernels/base/matrix.h"
#include "kernels/base/philox.h"

namespace consilience::testing {

/// Draws for tests: the same everywhere, told apart by seed and index.
class Draws {
 public:
  explicit Draws(uint64_t seed) : seed_(seed) {}

  /// In [0, 1).
  double uniform() { return static_cast<double>(bits() >> 11) * 0x1p-53; }
  double normal() {
    const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
    return radius * std::cos(2.0 * std::numbers::pi * uniform());
  }
  /// In 0 .. n-1.
  int32_t below(int64_t n) { return static_cast<int32_t>(bits() % static_cast<uint64_t>(n)); }

 private:
  uint64_t bits() { return kernels::draw(seed_, next_++, 0, kernels::Purpose::row_order, 0); }

  uint64_t seed_;
  uint32_t next_ = 0;
};

inline Matrix<float> normal_matrix(int64_t n, int64_t d, uint64_t seed) {
  Draws draws(seed);
  Matrix<float> x(n, d);
  for (float& value : x.values()) value = static_cast<float>(draws.normal());
  return x;
}

/// Lists of k distinct indices below n a row.
inline Matrix<int32_t> random_lists(int64_t n, int k, uint64_t seed) {
  Draws draws(seed);
  Matrix<int32_t> lists(n, k);
  for (int64_t i = 0; i < n; ++i) {
    for (int c = 0; c < k;) {
      const int32_t j = draws.below(n);
      bool seen = false;
      for (int e = 0; e < c; ++e) seen |= lists(i, e) == j;
      if (!seen) lists(i, c++) = j;
    }
  }
  return lists;
}

}  // namespace consilience::testing
