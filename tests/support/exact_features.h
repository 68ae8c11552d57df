#pragma once
#include <cmath>
#include <cstdint>
#include <vector>

#include "kernels/base/matrix.h"
#include "tests/support/random_matrix.h"

/// Features on a grid of 1/64 with |x| <= 4: what is done to them here is exact in float, so
/// metrics can be compared to the last digits.
namespace consilience::testing {

inline Matrix<float> grid_features(int64_t n, int64_t d, uint64_t seed) {
  Matrix<float> x = normal_matrix(n, d, seed);
  for (float& v : x.values()) v = std::round(std::fmax(-4.0F, std::fmin(4.0F, v)) * 64) / 64;
  return x;
}

/// x Q, Q orthogonal: blocks of four columns times a Hadamard matrix / 2, twice, shifted by two
/// columns in between. d is a multiple of 4.
inline Matrix<float> rotated(const Matrix<float>& x) {
  static constexpr int kHadamard[4][4] = {
      {1, 1, 1, 1}, {1, -1, 1, -1}, {1, 1, -1, -1}, {1, -1, -1, 1}};
  Matrix<float> out = x;
  for (const int64_t shift : {0, 2})
    for (int64_t i = 0; i < x.rows(); ++i) {
      const std::vector<float> before(out.row(i).begin(), out.row(i).end());
      for (int64_t f = 0; f < x.cols(); ++f) {
        const int64_t at = (f + shift) % x.cols();
        float sum = 0;
        for (int64_t g = 0; g < 4; ++g)
          sum += static_cast<float>(kHadamard[f % 4][g]) *
                 before[static_cast<size_t>((f / 4 * 4 + g + shift) % x.cols())];
        out(i, at) = sum / 2;
      }
    }
  return out;
}

inline Matrix<float> scaled(Matrix<float> x, float factor) {
  for (float& v : x.values()) v *= factor;
  return x;
}

/// Adds another multiple of 1/4 to each column.
inline Matrix<float> translated(Matrix<float> x) {
  for (int64_t i = 0; i < x.rows(); ++i)
    for (int64_t f = 0; f < x.cols(); ++f) x(i, f) += static_cast<float>(f % 7 - 2) / 4;
  return x;
}

/// Row order[i] of x comes to place i.
inline Matrix<float> reordered(const Matrix<float>& x, const std::vector<int32_t>& order) {
  Matrix<float> out(x.rows(), x.cols());
  for (int64_t i = 0; i < x.rows(); ++i)
    for (int64_t f = 0; f < x.cols(); ++f) out(i, f) = x(order[static_cast<size_t>(i)], f);
  return out;
}

}  // namespace consilience::testing
