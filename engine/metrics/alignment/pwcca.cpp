#include "engine/metrics/alignment/pwcca.h"

#include <algorithm>
#include <cmath>

#include "engine/metrics/alignment/cca.h"
#include "engine/metrics/alignment/centred.h"

namespace consilience::engine {
namespace {

using linalg::Op;

/// Rows are turned into weights by their sum of absolute values.
double weighted_mean(std::span<const double> correlations, MatrixView<const double> parts) {
  double sum = 0;
  double weights = 0;
  for (int64_t i = 0; i < parts.rows(); ++i) {
    double weight = 0;
    for (const double part : parts.row(i)) weight += std::abs(part);
    sum += weight * std::min(1.0, correlations[static_cast<size_t>(i)]);
    weights += weight;
  }
  return sum / weights;
}

/// parts(context, side, coefficients [k, r], rows): what the weights of k variates sum over. The
/// variates are rows of coefficients times the basis of the weighting side.
template <typename Parts>
PreparedGrid pwcca_grid(const kernels::Context& context, const MetricSpec& metric,
                        const ModelInput& a, const ModelInput& b, bool loadings, Parts parts) {
  const bool by_x = metric.word("weights") == "x";
  const auto prepare = [&](bool weighting) {
    return [&metric, weighting](const linalg::Context& inner, const LayerInput& layer) {
      const Matrix<double> centred = centred_columns(layer, metric);
      PreparedLayer prepared = prepare_whole_basis(inner, centred);
      if (weighting && prepared.reason.empty())
        prepared.loadings =
            linalg::product(inner, prepared.rows.view(), Op::transpose, centred.view(), Op::none);
      return prepared;
    };
  };
  return pair_grid(
      context, a, b, prepare_side(context, a, prepare(loadings && by_x)),
      prepare_side(context, b, prepare(loadings && !by_x)),
      [by_x, parts](const linalg::Context& inner, const PreparedLayer& x, const PreparedLayer& y,
                    MatrixView<const double> y_rows) {
        const linalg::Svd svd = linalg::svd(
            inner, linalg::product(inner, x.rows.view(), Op::transpose, y_rows, Op::none).view());
        const Matrix<double> weights = by_x ? parts(inner, x, svd.u.view(), Op::transpose)
                                            : parts(inner, y, svd.vt.view(), Op::none);
        return weighted_mean(svd.s, weights.view());
      },
      {}, forced_correlations);
}

}  // namespace

PreparedGrid prepare_pwcca(const kernels::Context& context, const MetricSpec& metric,
                           const ModelInput& a, const ModelInput& b) {
  return pwcca_grid(context, metric, a, b, true,
                    [](const linalg::Context& inner, const PreparedLayer& side,
                       MatrixView<const double> coefficients, Op op) {
                      return linalg::product(inner, coefficients, op, side.loadings.view(),
                                             Op::none);
                    });
}

PreparedGrid prepare_pwcca_sample_l1(const kernels::Context& context, const MetricSpec& metric,
                                     const ModelInput& a, const ModelInput& b) {
  return pwcca_grid(context, metric, a, b, false,
                    [](const linalg::Context& inner, const PreparedLayer& side,
                       MatrixView<const double> coefficients, Op op) {
                      return linalg::product(inner, coefficients, op, side.rows.view(),
                                             Op::transpose);
                    });
}

}  // namespace consilience::engine
