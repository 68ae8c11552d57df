#include "engine/tasks/compare_views.h"

#include <algorithm>
#include <memory>

#include "engine/inference/half_splits.h"
#include "engine/metrics/metric.h"
#include "engine/metrics/preprocess.h"
#include "engine/metrics/score_pair.h"
#include "engine/tasks/affordable.h"
#include "engine/tasks/take_nulls.h"
#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

/// The draws that all pairs share.
struct SharedDraws {
  HalfSplits splits;
  Relabellings relabellings, within_class;
};

SharedDraws draw(const CompareRequest& request, int64_t n) {
  SharedDraws draws;
  const NullPlan plan{.seed = request.seed, .permutations = request.permutations};
  if (request.permutations > 0) {
    draws.relabellings = request.whole_groups
                             ? draw_group_relabellings(plan, "a", "b", request.labels.groups)
                             : draw_relabellings(plan, "a", "b", n);
    if (!request.labels.classes.empty())
      draws.within_class = draw_relabellings({.seed = request.seed,
                                              .permutations = request.permutations,
                                              .blocks = request.labels.classes},
                                             "a", "b", n);
  }
  if (request.splits > 0)
    draws.splits = draw_half_splits(request.seed, request.splits, n, request.labels.groups);
  return draws;
}

PairResult compare_pair(const kernels::Context& context, ViewSide& a, ViewSide& b,
                        const MetricSpec& metric, const CompareRequest& request,
                        const SharedDraws& draws) {
  const MetricInfo& info = metric_info(metric.name);
  const ComparedSides sides = compared_sides(metric, a, b);
  const PreparedGrid grid = prepare_metric(context, metric, sides.a, sides.b);
  PairResult pair;
  pair.score =
      score_pair(metric, sides.a, sides.b, grid, describe_for(metric, request.conditioning));
  PairInference& out = pair.inference;
  if (!pair.score.reason.empty()) return pair;
  const Affordable may =
      affordable(info, pair.score.grid.values().size(), draws.relabellings.size(), request.costly,
                 metric == request.metrics.front());
  if (sides.second != nullptr)
    take_nulls(context, grid, pair.score, first_of(draws.relabellings, may.permutations),
               first_of(draws.within_class, may.permutations), request.alpha, out);
  out.interval_reason = may.reason;
  if (!may.interval) return pair;
  const auto halves = [&](ViewSide* side) {
    return side == nullptr ? nullptr : side->half_graphs(metric, draws.splits);
  };
  if (request.interval == IntervalKind::half_splits && draws.splits.count() > 0)
    half_split_interval(context, {&sides.a, halves(sides.first)}, {&sides.b, halves(sides.second)},
                        draws.splits, pair.score, out);
  take_whole_graph_interval(context, request.interval, sides.a, sides.b, pair.score, out);
  return pair;
}

void add_layers(ViewSide& side, const std::vector<MetricSpec>& metrics, StudyResult& result) {
  const auto listed = std::ranges::find_if(
      metrics, [](const auto& metric) { return neighbors_needed(metric) > 0; });
  if (listed == metrics.end()) return;
  const ModelGraphs& graphs = side.graphs(*listed);
  for (size_t s = 0; s < graphs.layers.size(); ++s) {
    const auto& layer = graphs.layers[s];
    result.layers.push_back({side.name(), layer.layer, layer.pooling,
                             side.features().slots()[s].width, layer.graph.facts,
                             layer.graph.reason});
  }
}

void add_model(const NamedFeatures& features, const std::string& twin_of, StudyResult& result) {
  ModelSummary model;
  model.name = features.name;
  model.role = features.role;
  if (features.role == "random") model.twin_of = twin_of;
  model.layers = std::ssize(features.features->slots());
  result.models.push_back(std::move(model));
}

void expect_rows(const NamedFeatures& a, const NamedFeatures& b) {
  expect(a.features->rows() == b.features->rows(),
         "{} has {} rows, {} has {}: row i of both must be the same sample", a.name,
         a.features->rows(), b.name, b.features->rows());
}

}  // namespace

StudyResult compare_views(const kernels::Context& context, const NamedFeatures& a,
                          const NamedFeatures& b, const CompareRequest& request) {
  const int64_t n = a.features->rows();
  expect_rows(a, b);
  const MetricSpec& headline = request.metrics.front();
  expect(neighbors_needed(headline) < n, "{}: k = {} needs more than {} rows; there are {}",
         metric_text(headline), neighbors_needed(headline), neighbors_needed(headline), n);

  StudyResult result;
  result.permutations = request.permutations;
  add_model(a, "", result);
  add_model(b, "", result);
  const auto open = [&](const NamedFeatures& features, const std::vector<MetricSpec>& metrics) {
    expect_rows(a, features);
    return std::make_unique<ViewSide>(context, features.name, *features.features, request.labels,
                                      request.conditioning, metrics);
  };
  const auto side_a = open(a, request.metrics);
  const auto side_b = open(b, request.metrics);
  add_layers(*side_a, request.metrics, result);
  add_layers(*side_b, request.metrics, result);

  const SharedDraws draws = draw(request, n);
  for (const auto& metric : request.metrics)
    result.pairs.push_back(compare_pair(context, *side_a, *side_b, metric, request, draws));
  for (const auto& baseline : request.baselines_a) {
    add_model(baseline, a.name, result);
    result.pairs.push_back(
        compare_pair(context, *open(baseline, {headline}), *side_b, headline, request, draws));
  }
  for (const auto& baseline : request.baselines_b) {
    add_model(baseline, b.name, result);
    result.pairs.push_back(
        compare_pair(context, *side_a, *open(baseline, {headline}), headline, request, draws));
  }
  result.ladders.push_back(make_ladder(result, result.pairs.front(), request.words));
  return result;
}

PairedComparison compare_paired(const kernels::Context& context, const NamedFeatures& a,
                                const NamedFeatures& b, const NamedFeatures& c,
                                const CompareRequest& request) {
  expect_rows(a, b);
  expect_rows(a, c);
  const MetricSpec& metric = request.metrics.front();
  const HalfSplits splits =
      draw_half_splits(request.seed, request.splits, a.features->rows(), request.labels.groups);
  std::vector<std::unique_ptr<ViewSide>> sides;
  std::vector<ModelInput> inputs;
  for (const NamedFeatures* features : {&a, &b, &c}) {
    sides.push_back(std::make_unique<ViewSide>(context, features->name, *features->features,
                                               request.labels, request.conditioning,
                                               request.metrics));
    inputs.push_back(sides.back()->input(metric));
  }
  const auto halved = [&](size_t i) {
    return HalvedModel{&inputs[i], sides[i]->half_graphs(metric, splits)};
  };
  return paired_comparison(context, metric, halved(0), halved(1), halved(2), splits);
}

}  // namespace consilience::engine
