#include "engine/metrics/alignment/linear_regression.h"

#include <algorithm>

#include "engine/metrics/alignment/cca.h"
#include "engine/metrics/alignment/centred.h"

namespace consilience::engine {
namespace {

using linalg::Op;

/// rank / (n - 1) where all predictors have one rank, else NaN.
double chance_of(const std::vector<PreparedLayer>& predictors, int64_t n) {
  const auto unlike = [&](const PreparedLayer& layer) {
    return layer.rows.cols() == 0 || layer.rows.cols() != predictors[0].rows.cols();
  };
  if (predictors.empty() || std::ranges::any_of(predictors, unlike))
    return std::numeric_limits<double>::quiet_NaN();
  return static_cast<double>(predictors[0].rows.cols()) / static_cast<double>(n - 1);
}

}  // namespace

PreparedGrid prepare_linear_regression_r2(const kernels::Context& context, const MetricSpec& metric,
                                          const ModelInput& a, const ModelInput& b) {
  const auto predictor = [&](const linalg::Context& inner, const LayerInput& layer) {
    return prepare_whole_basis(inner, centred_columns(layer, metric));
  };
  const auto target = [&](const linalg::Context& inner, const LayerInput& layer) {
    PreparedLayer prepared;
    prepared.rows = narrowed(inner, centred_columns(layer, metric));
    if (normalise(prepared.rows) == 0) prepared.reason = "all rows are equal";
    return prepared;
  };
  const bool a_predicts = metric.word("direction") == "x->y";
  const PreparedSide left =
      a_predicts ? prepare_side(context, a, predictor) : prepare_side(context, a, target);
  const PreparedSide right =
      a_predicts ? prepare_side(context, b, target) : prepare_side(context, b, predictor);
  PreparedGrid grid = pair_grid(
      context, a, b, left, right,
      [](const linalg::Context& inner, const PreparedLayer& x, const PreparedLayer&,
         MatrixView<const double> y_rows) {
        return squared_norm(
            linalg::product(inner, x.rows.view(), Op::transpose, y_rows, Op::none).view());
      });
  grid.chance = chance_of(a_predicts ? *left : *right, a.rows);
  return grid;
}

}  // namespace consilience::engine
