#include "engine/metrics/alignment/procrustes.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/metrics/alignment/centred.h"
#include "engine/metrics/alignment/pair_grid.h"

namespace consilience::engine {
namespace {

using linalg::Op;

/// Below this squared distance of unit-norm sides 2 - 2 ||X'Y||_* has lost half of its digits, and
/// the residual itself is computed.
constexpr double kClose = 1e-6;

/// ||x Q - y||^2 with the best Q = u vt of x'y, for x no wider than y.
double squared_residual(const linalg::Context& context, MatrixView<const double> x,
                        MatrixView<const double> y) {
  const linalg::Svd svd =
      linalg::svd(context, linalg::product(context, x, Op::transpose, y, Op::none).view());
  const Matrix<double> rotation =
      linalg::product(context, svd.u.view(), Op::none, svd.vt.view(), Op::none);
  Matrix<double> moved = linalg::product(context, x, Op::none, rotation.view(), Op::none);
  for (int64_t i = 0; i < moved.rows(); ++i)
    for (int64_t f = 0; f < moved.cols(); ++f) moved(i, f) -= y(i, f);
  return squared_norm(moved.view());
}

/// Squared Procrustes distance of sides of unit norm, accurate near 0 too.
double unit_distance2(const linalg::Context& context, MatrixView<const double> x,
                      MatrixView<const double> y) {
  const std::vector<double> s = linalg::singular_values(
      context, linalg::product(context, x, Op::transpose, y, Op::none).view());
  const double distance2 = 2 - 2 * std::accumulate(s.begin(), s.end(), 0.0);
  if (distance2 > kClose) return distance2;
  return x.cols() <= y.cols() ? squared_residual(context, x, y) : squared_residual(context, y, x);
}

double angle(double distance2) { return 2 * std::asin(std::min(1.0, std::sqrt(distance2) / 2)); }

PreparedLayer unit_layer(Matrix<double> rows) {
  PreparedLayer prepared;
  prepared.rows = std::move(rows);
  prepared.norm = normalise(prepared.rows);
  if (prepared.norm == 0) prepared.reason = "all rows are equal";
  return prepared;
}

/// from(squared distance of unit-norm sides, norm of a, norm of b).
template <typename From>
PreparedGrid procrustes_grid(const kernels::Context& context, const MetricSpec& metric,
                             const ModelInput& a, const ModelInput& b, From from) {
  const auto prepare = [&](const linalg::Context& inner, const LayerInput& layer) {
    return unit_layer(narrowed(inner, centred_columns(layer, metric)));
  };
  return pair_grid(context, a, b, prepare_side(context, a, prepare),
                   prepare_side(context, b, prepare),
                   [from](const linalg::Context& inner, const PreparedLayer& x,
                          const PreparedLayer& y, MatrixView<const double> y_rows) {
                     return from(unit_distance2(inner, x.rows.view(), y_rows), x.norm, y.norm);
                   });
}

}  // namespace

PreparedGrid prepare_procrustes_distance(const kernels::Context& context, const MetricSpec& metric,
                                         const ModelInput& a, const ModelInput& b) {
  return procrustes_grid(context, metric, a, b, [](double distance2, double x, double y) {
    return std::sqrt((x - y) * (x - y) + x * y * distance2);
  });
}

PreparedGrid prepare_procrustes_normalised(const kernels::Context& context,
                                           const MetricSpec& metric, const ModelInput& a,
                                           const ModelInput& b) {
  return procrustes_grid(context, metric, a, b,
                         [](double distance2, double, double) { return std::sqrt(distance2); });
}

PreparedGrid prepare_procrustes_angular(const kernels::Context& context, const MetricSpec& metric,
                                        const ModelInput& a, const ModelInput& b) {
  return procrustes_grid(context, metric, a, b,
                         [](double distance2, double, double) { return angle(distance2); });
}

PreparedGrid prepare_nbs(const kernels::Context& context, const MetricSpec& metric,
                         const ModelInput& a, const ModelInput& b) {
  return procrustes_grid(context, metric, a, b,
                         [](double distance2, double, double) { return 1 - distance2 / 2; });
}

PreparedGrid prepare_shape_metric(const kernels::Context& context, const MetricSpec& metric,
                                  const ModelInput& a, const ModelInput& b) {
  const double alpha = metric.number("alpha");
  if (alpha == 1) return prepare_procrustes_angular(context, metric, a, b);
  const auto prepare = [&](const linalg::Context& inner, const LayerInput& layer) {
    const Matrix<double> centred = centred_columns(layer, metric);
    Directions kept = directions(inner, centred);
    const int64_t rank = kept.u.cols();
    for (double& s : kept.s) s = alpha * s + (1 - alpha);
    PreparedLayer prepared = unit_layer(columns_times(std::move(kept.u), kept.s));
    if (alpha == 0) prepared.reason = spans_everything(a.rows, rank);
    prepared.remark = rank_remark(rank, centred.cols());
    return prepared;
  };
  return pair_grid(context, a, b, prepare_side(context, a, prepare),
                   prepare_side(context, b, prepare),
                   [](const linalg::Context& inner, const PreparedLayer& x, const PreparedLayer&,
                      MatrixView<const double> y_rows) {
                     return angle(unit_distance2(inner, x.rows.view(), y_rows));
                   });
}

}  // namespace consilience::engine
