#include "engine/metrics/alignment/ridge.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "engine/metrics/alignment/centred.h"
#include "engine/metrics/alignment/pair_grid.h"
#include "engine/metrics/alignment/ridge_folds.h"
#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

constexpr int64_t kFewestRows = 2 * kFolds;  // a fold of one row has no variance to explain

struct Predictor {
  std::string reason;
  std::vector<RidgeFold> folds;
};

struct Target {
  std::string reason;
  Matrix<double> y;  // [n, m] uncentred
};

/// Uncentred features; "standardise" is done here.
Matrix<double> plain_columns(const LayerInput& layer, const MetricSpec& metric) {
  expect(layer.features.has_value(), "{}: no features were handed over", layer.name);
  return metric.preprocess == "standardise" ? centred_columns(layer, metric)
                                            : widen(*layer.features);
}

struct Explained {
  double residual = 0, total = 0;
};

/// One column of a fold: squares around its prediction and around its own mean.
Explained explained(MatrixView<const double> test, const Matrix<double>& predicted, double shift,
                    int64_t column) {
  double mean = 0;
  for (int64_t i = 0; i < test.rows(); ++i) mean += test(i, column);
  mean /= static_cast<double>(test.rows());
  Explained sums;
  for (int64_t i = 0; i < test.rows(); ++i) {
    const double miss = test(i, column) - shift - predicted(i, column);
    sums.residual += miss * miss;
    sums.total += (test(i, column) - mean) * (test(i, column) - mean);
  }
  return sums;
}

bool is_constant(MatrixView<const double> rows, int64_t column) {
  for (int64_t i = 1; i < rows.rows(); ++i)
    if (rows(i, column) != rows(0, column)) return false;
  return true;
}

/// Calls visit(fold, column, sums, constant) for every held-out column.
template <typename Visit>
void visit_folds(const linalg::Context& context, const std::vector<RidgeFold>& folds,
                 MatrixView<const double> y, Visit visit) {
  for (int k = 0; k < kFolds; ++k) {
    const FoldRows held_out = fold_rows(y.rows(), k);
    Matrix<double> training = training_rows(y, held_out);
    const std::vector<double> mean = subtract_column_means(training);
    const Matrix<double> predicted =
        folds[static_cast<size_t>(k)].predict(context, training.view());
    const MatrixView<const double> test = y.slice(held_out.begin, held_out.end);
    for (int64_t c = 0; c < y.cols(); ++c)
      visit(k, explained(test, predicted, mean[static_cast<size_t>(c)], c), is_constant(test, c));
  }
}

/// Mean over the columns that vary in a fold, then over the folds that have any.
double mean_r2(const linalg::Context& context, const std::vector<RidgeFold>& folds,
               MatrixView<const double> y) {
  std::vector<double> sum(kFolds, 0.0);
  std::vector<double> columns(kFolds, 0.0);
  visit_folds(context, folds, y, [&](int fold, Explained sums, bool constant) {
    if (constant) return;
    sum[static_cast<size_t>(fold)] += 1 - sums.residual / sums.total;
    ++columns[static_cast<size_t>(fold)];
  });
  double total = 0;
  double counted = 0;
  for (size_t k = 0; k < sum.size(); ++k) {
    if (columns[k] == 0) continue;
    total += sum[k] / columns[k];
    ++counted;
  }
  return total / counted;
}

double pooled_r2(const linalg::Context& context, const std::vector<RidgeFold>& folds,
                 MatrixView<const double> y) {
  double residual = 0;
  visit_folds(context, folds, y, [&](int, Explained sums, bool) { residual += sums.residual; });
  Matrix<double> centred = training_rows(y, {0, 0});
  subtract_column_means(centred);
  return 1 - residual / squared_norm(centred.view());
}

std::vector<Predictor> prepare_predictors(const kernels::Context& context, const MetricSpec& metric,
                                          const ModelInput& side,
                                          std::vector<std::string>& remarks) {
  std::vector<Predictor> predictors;
  for (const LayerInput& layer : side.layers) {
    Predictor& predictor = predictors.emplace_back();
    if (!layer.reason.empty() || side.rows < kFewestRows) continue;
    const Matrix<double> x = plain_columns(layer, metric);
    predictor.folds = factor_ridge(context, x, metric.number("alpha"));
    if (predictor.folds.empty())
      predictor.reason = fmt::format(
          "alpha = 0 needs independent columns in every fold; the {} columns of {} rows are not",
          x.cols(), side.rows);
    else if (x.cols() >= side.rows)
      remarks.push_back(fmt::format("{} {}: {} columns predict from {} rows, so alpha decides",
                                    side.model, layer.name, x.cols(), side.rows));
  }
  return predictors;
}

std::vector<Target> prepare_targets(const MetricSpec& metric, const ModelInput& side,
                                    std::vector<std::string>& remarks) {
  std::vector<Target> targets;
  for (const LayerInput& layer : side.layers) {
    Target& target = targets.emplace_back();
    if (!layer.reason.empty() || side.rows < kFewestRows) continue;
    target.y = plain_columns(layer, metric);
    int64_t constant = 0;
    for (int k = 0; k < kFolds; ++k) {
      const FoldRows fold = fold_rows(side.rows, k);
      for (int64_t c = 0; c < target.y.cols(); ++c)
        constant += is_constant(target.y.view().slice(fold.begin, fold.end), c) ? 1 : 0;
    }
    if (constant == kFolds * target.y.cols())
      target.reason = "every column is constant within every fold";
    else if (constant > 0 && metric.name == "ridge_r2_cv5")
      remarks.push_back(
          fmt::format("{} {}: {} of {} columns of a fold are constant there and left "
                      "out, as they have no R^2",
                      side.model, layer.name, constant, kFolds * target.y.cols()));
  }
  return targets;
}

using Score = double (*)(const linalg::Context&, const std::vector<RidgeFold>&,
                         MatrixView<const double>);

PreparedGrid ridge_grid(const kernels::Context& context, const MetricSpec& metric,
                        const ModelInput& a, const ModelInput& b, Score score) {
  const bool a_predicts = metric.word("direction") == "x->y";
  const ModelInput& from = a_predicts ? a : b;
  const ModelInput& to = a_predicts ? b : a;
  std::vector<std::string> remarks;
  const auto predictors = std::make_shared<const std::vector<Predictor>>(
      prepare_predictors(context, metric, from, remarks));
  const auto targets =
      std::make_shared<const std::vector<Target>>(prepare_targets(metric, to, remarks));
  const auto reason = [&](const LayerInput& x, const LayerInput& y) -> std::string {
    if (a.rows < kFewestRows)
      return fmt::format("{} folds of two rows need n >= {}; n = {}", kFolds, kFewestRows, a.rows);
    const LayerInput& p = a_predicts ? x : y;
    const LayerInput& t = a_predicts ? y : x;
    return pair_reason(p.name, (*predictors)[static_cast<size_t>(&p - from.layers.data())].reason,
                       t.name, (*targets)[static_cast<size_t>(&t - to.layers.data())].reason);
  };
  PreparedGrid grid = prepare_cells(a, b, reason, {});
  grid.remarks = std::move(remarks);
  spread_cells(
      context, std::ssize(a.layers), std::ssize(b.layers),
      [=, n = a.rows](const linalg::Context& inner, int64_t i, int64_t j,
                      std::span<const int32_t> relabelling) {
        std::vector<int32_t> order(relabelling.begin(), relabelling.end());
        if (!a_predicts && !relabelling.empty()) order = rows_in_place(relabelling, n);
        const Gathered y((*targets)[static_cast<size_t>(a_predicts ? j : i)].y, order);
        const Predictor& x = (*predictors)[static_cast<size_t>(a_predicts ? i : j)];
        return score(inner, x.folds, y.view());
      },
      grid);
  return grid;
}

}  // namespace

PreparedGrid prepare_ridge_r2_cv5(const kernels::Context& context, const MetricSpec& metric,
                                  const ModelInput& a, const ModelInput& b) {
  return ridge_grid(context, metric, a, b, mean_r2);
}

PreparedGrid prepare_ridge_r2_cv5_pooled(const kernels::Context& context, const MetricSpec& metric,
                                         const ModelInput& a, const ModelInput& b) {
  return ridge_grid(context, metric, a, b, pooled_r2);
}

}  // namespace consilience::engine
