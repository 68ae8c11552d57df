#include "engine/metrics/kernel/kernel_grid.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "engine/metrics/kernel/feature_sampling.h"
#include "engine/metrics/kernel/layer_reasons.h"
#include "engine/metrics/kernel/permutation_moments.h"
#include "engine/metrics/kernel/sigma.h"

#include <fmt/format.h>

namespace consilience::engine {
namespace {

constexpr int64_t kFewestDebiased = 4;
constexpr int64_t kMostRowsOfMoments = 4096;

/// One side: why layers are unusable [layers], and the matrices of the others.
struct Side {
  std::vector<std::string> why;
  std::vector<PairwiseLayer> matrices;
  std::vector<double> feature_terms;  // of feature_corrected, one a matrix
};

/// Reasons of the layers, HSIC of the usable ones with themselves.
struct Normalised {
  std::vector<int64_t> layers;  // index in the grid, one a matrix
  std::vector<double> self;     // NaN where it is no scale
};

struct State {
  KernelPlan plan;
  OffDiagonal sums;
  Normalised a, b;
  int64_t rows_a, rows_b;  // layers of the grid
};

Precision precision_of(const MetricSpec& metric) {
  return metric.has("precision") && metric.word("precision") == "f32" ? Precision::f32
                                                                      : Precision::f64;
}

std::string too_few(const LayerInput& layer, const KernelPlan& plan) {
  const int64_t n = layer.features->x.rows();
  const int64_t fewest = plan.estimator == Estimator::debiased ? kFewestDebiased : 2;
  if (n < fewest)
    return fmt::format("{} rows; {} needs at least {}", n,
                       fewest == kFewestDebiased ? "a debiased estimate" : "a covariance", fewest);
  if (plan.score == KernelScore::feature_corrected && layer.features->x.cols() < 2)
    return "one feature; a correction for sampled features needs at least 2";
  return "";
}

/// Adds the layer's matrix to `side`, or says why it has none.
std::string add_layer(const kernels::Context& context, const MetricSpec& metric,
                      const LayerInput& layer, const KernelPlan& plan, Side& side) {
  if (!layer.reason.empty()) return layer.reason;
  if (std::string why = too_few(layer, plan); !why.empty()) return why;
  const int without = metric.has("m") ? static_cast<int>(metric.number("m")) : 0;
  const LayerRows rows(context, *layer.features, RowForm::centred, without);
  if (!rows.reason().empty()) return rows.reason();
  double width = 0;
  if (plan.entry == PairEntry::rbf) {
    width = width_for(context, parse_sigma(metric.word("sigma")), rows);
    if (!(width > 0)) return "the median distance is 0, so the kernel has no width";
  }
  if (plan.score == KernelScore::feature_corrected)
    side.feature_terms.push_back(single_feature_hsic(rows));
  side.matrices.emplace_back(rows, plan.entry, true, width);
  return "";
}

Side side_of(const kernels::Context& context, const MetricSpec& metric, const ModelInput& model,
             const KernelPlan& plan) {
  Side side;
  for (const auto& layer : model.layers)
    side.why.push_back(add_layer(context, metric, layer, plan, side));
  return side;
}

/// What rounding alone may leave of a HSIC that is 0.
double rounding_of(const LayerSums& sums, Precision precision) {
  double squares = sums.squares;
  for (const double d : sums.diagonal) squares += d * d;
  const auto n = static_cast<double>(sums.diagonal.size());
  return (precision == Precision::f64 ? 1e-13 : 1e-7) * squares / (n * n);
}

/// Fills `self` and adds reasons to `side.why` where a layer's HSIC with itself is no scale.
Normalised normalise(const KernelPlan& plan, Precision precision,
                     const std::vector<LayerSums>& sums, Side& side) {
  Normalised result{usable_layers(side.why), {}};
  for (size_t l = 0; l < sums.size(); ++l) {
    double self = self_hsic(plan.estimator, sums[l]);
    if (plan.score == KernelScore::feature_corrected)
      self = corrected_for_features(self, side.feature_terms[l], side.matrices[l].rows().cols());
    if (plan.score != KernelScore::hsic && !(self > rounding_of(sums[l], precision)))
      side.why[static_cast<size_t>(result.layers[l])] = fmt::format(
          "its HSIC with itself is {:.3g}, not above 0, so there is no scale to divide by", self);
    result.self.push_back(self);
  }
  return result;
}

double score_of(KernelScore score, double value, double self_a, double self_b) {
  if (score == KernelScore::hsic) return value;
  const double ratio = value / (std::sqrt(self_a) * std::sqrt(self_b));
  return score == KernelScore::root_of_ratio ? std::sqrt(std::max(0.0, ratio)) : ratio;
}

Matrix<double> values(const State& state, const std::vector<std::string>& reasons, int64_t n,
                      std::span<const int32_t> relabelling) {
  Matrix<double> scores = state.sums.products(relabelling);
  const std::vector<int32_t> place = rows_in_place(relabelling, n);
  for (int64_t i = 0; i < scores.rows(); ++i)
    for (int64_t j = 0; j < scores.cols(); ++j) {
      const auto a = static_cast<size_t>(i);
      const auto b = static_cast<size_t>(j);
      const double value =
          hsic(state.plan.estimator, scores(i, j), state.sums.a[a], place, state.sums.b[b]);
      scores(i, j) = score_of(state.plan.score, value, state.a.self[a], state.b.self[b]);
    }
  return spread(scores, state.a.layers, state.b.layers, reasons, state.rows_a, state.rows_b);
}

/// Debiased moments take n^3 and a matrix of n^2; other kernels and scores are no plain ratio.
bool has_exact_moments(const KernelPlan& plan, const MetricSpec& metric, int64_t n) {
  return plan.entry == PairEntry::dot && plan.score == KernelScore::ratio && !metric.has("m") &&
         n <= kMostRowsOfMoments;
}

NullMoments exact_moments(const kernels::Context& context, Estimator estimator,
                          const kernels::Conditioned& a, const kernels::Conditioned& b) {
  const auto invariants = [&](const kernels::Conditioned& features) {
    const LayerRows rows(context, features, RowForm::centred);
    return estimator == Estimator::debiased ? u_centred_linear_invariants(context, rows)
                                            : linear_invariants(context, rows);
  };
  const ProductMoments moments = ratio_moments(invariants(a), invariants(b));
  const double sd = std::sqrt(moments.variance);
  return {.mean = moments.mean, .sd = sd, .skewness = moments.third / (sd * sd * sd)};
}

}  // namespace

PreparedGrid prepare_kernel_grid(const kernels::Context& context, const MetricSpec& metric,
                                 const ModelInput& a, const ModelInput& b, const KernelPlan& plan,
                                 Path path) {
  const Precision precision = precision_of(metric);
  Side side_a = side_of(context, metric, a, plan);
  Side side_b = side_of(context, metric, b, plan);
  (void)grid_with_reasons(a, b, side_a.why, side_b.why);  // before the work: same rows
  auto state = std::make_shared<State>();
  state->plan = plan;
  state->rows_a = std::ssize(a.layers);
  state->rows_b = std::ssize(b.layers);
  state->sums = off_diagonal(context, side_a.matrices, side_b.matrices, precision, path);
  state->a = normalise(plan, precision, state->sums.a, side_a);
  state->b = normalise(plan, precision, state->sums.b, side_b);
  PreparedGrid grid = grid_with_reasons(a, b, side_a.why, side_b.why);
  grid.parallel_inside = state->sums.parallel_inside;
  if (plan.estimator == Estimator::debiased) grid.chance = 0;
  if (has_exact_moments(plan, metric, a.rows))
    grid.null_moments = [&a, &b, context, estimator = plan.estimator](int64_t i, int64_t j) {
      const auto features = [](const ModelInput& side, int64_t layer) {
        return *side.layers[static_cast<size_t>(layer)].features;
      };
      return exact_moments(context, estimator, features(a, i), features(b, j));
    };
  grid.values = [state, reasons = grid.reasons, n = a.rows](std::span<const int32_t> relabelling) {
    return values(*state, reasons, n, relabelling);
  };
  return grid;
}

}  // namespace consilience::engine
