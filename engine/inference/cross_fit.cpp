#include "engine/inference/cross_fit.h"

#include <algorithm>
#include <cmath>

#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

/// The first layer pair that is best over the queries of half h; -1 when none is defined. Sums that
/// differ by rounding alone are equal.
int64_t best_cell(const Matrix<double>& half_sums, int64_t h, double sign) {
  int64_t best = -1;
  double most = 0;
  for (int64_t cell = 0; cell < half_sums.rows(); ++cell) {
    const double value = sign * half_sums(cell, h);
    if (std::isnan(value)) continue;
    if (best >= 0 && value <= most + 1e-12 * std::max(1.0, std::abs(most))) continue;
    best = cell;
    most = value;
  }
  return best;
}

}  // namespace

Matrix<double> query_half_sums(const PreparedGrid& grid, int64_t layers_b,
                               const HalfSplits& splits) {
  expect(static_cast<bool>(grid.per_sample),
         "layers are cross-fitted by scores per sample; this metric has none");
  for (const auto& half : splits.half)
    expect(std::ssize(half) == grid.rows, "halves of {} rows for models of {}", half.size(),
           grid.rows);
  const int64_t cells = std::ssize(grid.reasons);
  Matrix<double> sums(cells, 2 * splits.count(), kUnknown);
  for (int64_t cell = 0; cell < cells; ++cell) {
    if (!grid.reasons[static_cast<size_t>(cell)].empty()) continue;
    const std::vector<double> scores = grid.per_sample(cell / layers_b, cell % layers_b);
    for (int64_t s = 0; s < splits.count(); ++s) {
      const std::vector<uint8_t>& half = splits.half[static_cast<size_t>(s)];
      double sum[2] = {0, 0};
      for (size_t i = 0; i < half.size(); ++i) sum[half[i]] += scores[i];
      sums(cell, 2 * s) = sum[0];
      sums(cell, 2 * s + 1) = sum[1];
    }
  }
  return sums;
}

double cross_fitted(const Matrix<double>& half_sums, int64_t n, bool larger_is_closer) {
  const double sign = larger_is_closer ? 1 : -1;
  double sum = 0;
  for (int64_t h = 0; h < half_sums.cols(); ++h) {
    const int64_t chosen = best_cell(half_sums, h, sign);
    if (chosen < 0) return kUnknown;
    sum += half_sums(chosen, h ^ 1);
  }
  return sum / static_cast<double>(half_sums.cols() / 2 * n);
}

}  // namespace consilience::engine
