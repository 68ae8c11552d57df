#include "engine/metrics/one_space/spectrum.h"

#include <algorithm>
#include <cmath>

#include "engine/metrics/prepared_grid.h"
#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

constexpr int64_t kFewestBlockRows = 1024;
constexpr int64_t kBlockRowsAColumn = 4;

/// Row 0, and what must be subtracted after it to centre the columns.
struct Shift {
  std::vector<double> first, rest;
};

void subtract(std::span<double> row, std::span<const double> shift) {
  for (size_t f = 0; f < shift.size(); ++f) row[f] -= shift[f];
}

/// Differences from row 0 are averaged: nothing is lost to a large mean, and a constant column
/// becomes exactly 0.
Shift centring_shift(const kernels::Conditioned& features, int64_t block) {
  const int64_t n = features.x.rows();
  Shift shift{widen(features, 0, 1).values(), {}};
  shift.rest.assign(shift.first.size(), 0.0);
  for (int64_t begin = 0; begin < n; begin += block) {
    const Matrix<double> rows = widen(features, begin, std::min(n, begin + block));
    for (int64_t i = 0; i < rows.rows(); ++i)
      for (size_t f = 0; f < shift.rest.size(); ++f)
        shift.rest[f] += rows.row(i)[f] - shift.first[f];
  }
  for (double& sum : shift.rest) sum /= static_cast<double>(n);
  return shift;
}

Matrix<double> stacked(const Matrix<double>& top, const Matrix<double>& below) {
  Matrix<double> all(top.rows() + below.rows(), below.cols());
  const auto middle = std::ranges::copy(top.values(), all.values().begin()).out;
  std::ranges::copy(below.values(), middle);
  return all;
}

/// Columns of a centred matrix of n rows, or of its triangular factor, get unit sample variance.
void standardise(Matrix<double>& x, int64_t n) {
  for (int64_t f = 0; f < x.cols(); ++f) {
    double square = 0;
    for (int64_t i = 0; i < x.rows(); ++i) square += x(i, f) * x(i, f);
    const double deviation = std::sqrt(square / static_cast<double>(n - 1));
    if (deviation == 0) continue;
    for (int64_t i = 0; i < x.rows(); ++i) x(i, f) /= deviation;
  }
}

}  // namespace

std::vector<double> singular_values_of(const linalg::Context& context, const LayerInput& layer,
                                       const MetricSpec& metric, Centring centring) {
  expect(layer.features.has_value(), "{}: no features were handed over", layer.name);
  const kernels::Conditioned& features = *layer.features;
  const int64_t n = features.x.rows();
  const int64_t block = std::max(kFewestBlockRows, kBlockRowsAColumn * features.x.cols());
  const bool unit_variance = metric.preprocess == "standardise";
  const Shift shift =
      centring == Centring::columns || unit_variance ? centring_shift(features, block) : Shift{};
  Matrix<double> folded(0, features.x.cols());
  for (int64_t begin = 0; begin < n; begin += block) {
    Matrix<double> rows = widen(features, begin, std::min(n, begin + block));
    for (int64_t i = 0; i < rows.rows(); ++i) {
      subtract(rows.row(i), shift.first);
      subtract(rows.row(i), shift.rest);
    }
    folded = stacked(folded, rows);
    if (n > block) folded = linalg::triangular_factor(context, folded.view());
  }
  if (unit_variance) standardise(folded, n);
  return linalg::singular_values(context, folded.view());
}

}  // namespace consilience::engine
