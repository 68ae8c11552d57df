#include "engine/metrics/one_space/directions_on_sphere.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "engine/linalg/linalg.h"
#include "engine/metrics/one_space/layer_values.h"
#include "kernels/base/error.h"
#include "kernels/base/parallel.h"

namespace consilience::engine {
namespace {

constexpr int64_t kTileRows = 512;

/// Rows [begin, end) scaled to unit norm; the first zero row is told by its index.
struct UnitRows {
  Matrix<double> rows;
  int64_t zero_row = -1;
};

UnitRows unit_rows(const kernels::Conditioned& features, int64_t begin, int64_t end) {
  UnitRows unit{widen(features, begin, end)};
  for (int64_t i = 0; i < unit.rows.rows(); ++i) {
    const auto row = unit.rows.row(i);
    const double norm = std::sqrt(std::inner_product(row.begin(), row.end(), row.begin(), 0.0));
    if (norm == 0 && unit.zero_row < 0) unit.zero_row = begin + i;
    if (norm > 0)
      for (double& value : row) value /= norm;
  }
  return unit;
}

LayerValue zero_row(int64_t row) {
  return undefined_layer(fmt::format("row {} is zero and has no direction", row));
}

LayerValue mean_cosine(const kernels::Conditioned& features) {
  const int64_t n = features.x.rows();
  std::vector<double> sum(static_cast<size_t>(features.x.cols()), 0.0);
  double own = 0;  // cosines of rows with themselves, 1 up to rounding
  for (int64_t begin = 0; begin < n; begin += kTileRows) {
    const UnitRows unit = unit_rows(features, begin, std::min(n, begin + kTileRows));
    if (unit.zero_row >= 0) return zero_row(unit.zero_row);
    for (int64_t i = 0; i < unit.rows.rows(); ++i) {
      const auto row = unit.rows.row(i);
      for (size_t f = 0; f < sum.size(); ++f) sum[f] += row[f];
      own += std::inner_product(row.begin(), row.end(), row.begin(), 0.0);
    }
  }
  const double all = std::inner_product(sum.begin(), sum.end(), sum.begin(), 0.0);
  return {.value = (all - own) / (static_cast<double>(n) * static_cast<double>(n - 1))};
}

/// Sum over the pairs of one tile; of a diagonal tile the pairs above the diagonal.
double tile_sum(const Matrix<double>& cosines, bool diagonal, double t) {
  double sum = 0;
  for (int64_t i = 0; i < cosines.rows(); ++i)
    for (int64_t j = diagonal ? i + 1 : 0; j < cosines.cols(); ++j)
      sum += std::exp(-2 * t * std::max(0.0, 1 - cosines(i, j)));
  return sum;
}

LayerValue uniformity(const kernels::Context& context, const kernels::Conditioned& features,
                      double t) {
  const int64_t n = features.x.rows();
  const int64_t tiles = (n + kTileRows - 1) / kTileRows;
  const auto rows_of = [&](int64_t tile) {
    return unit_rows(features, tile * kTileRows, std::min(n, (tile + 1) * kTileRows));
  };
  for (int64_t tile = 0; tile < tiles; ++tile) {
    const int64_t row = rows_of(tile).zero_row;
    if (row >= 0) return zero_row(row);
  }
  std::vector<double> sums(static_cast<size_t>(tiles), 0.0);
  kernels::parallel_for(context, tiles, 1, [&](int64_t begin, int64_t end) {
    const linalg::Context inner{context.backend, 1};
    for (int64_t i = begin; i < end; ++i) {
      const UnitRows left = rows_of(i);
      for (int64_t j = i; j < tiles; ++j) {
        const UnitRows right = rows_of(j);
        const Matrix<double> cosines = linalg::product(inner, left.rows.view(), linalg::Op::none,
                                                       right.rows.view(), linalg::Op::transpose);
        sums[static_cast<size_t>(i)] += tile_sum(cosines, i == j, t);
      }
    }
  });
  const double pairs = static_cast<double>(n) * static_cast<double>(n - 1) / 2;
  return {.value = std::log(std::accumulate(sums.begin(), sums.end(), 0.0) / pairs)};
}

const kernels::Conditioned& features_of(const LayerInput& layer) {
  expect(layer.features.has_value(), "{}: no features were handed over", layer.name);
  return *layer.features;
}

}  // namespace

PreparedGrid prepare_mean_cosine(const kernels::Context&, const MetricSpec& metric,
                                 const ModelInput& a, const ModelInput&) {
  return grid_as_given(metric, a,
                       [](const LayerInput& layer) { return mean_cosine(features_of(layer)); });
}

PreparedGrid prepare_uniformity(const kernels::Context& context, const MetricSpec& metric,
                                const ModelInput& a, const ModelInput&) {
  const double t = metric.number("t");
  return grid_as_given(metric, a, [&](const LayerInput& layer) {
    return uniformity(context, features_of(layer), t);
  });
}

}  // namespace consilience::engine
