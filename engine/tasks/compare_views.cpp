#include "engine/tasks/compare_views.h"

#include "engine/graphs/build_graphs.h"
#include "engine/inference/half_splits.h"
#include "engine/inference/permutation_null.h"
#include "engine/metrics/metric.h"
#include "engine/metrics/score_pair.h"
#include "engine/tasks/make_half_graphs.h"
#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

GraphRequest request_for(const std::string& name, const CompareRequest& request) {
  GraphRequest graph;
  graph.model = name;
  graph.conditioning = request.conditioning;
  graph.k = request.metric.k;
  return graph;
}

HalfGraphs halves_of(const kernels::Context& context, const FeatureView& features,
                     const ModelGraphs& graphs, const CompareRequest& request,
                     const HalfSplits& splits) {
  return make_half_graphs(context, features, graphs, request_for(graphs.model, request),
                          request.metric.k, splits);
}

}  // namespace

StudyResult compare_views(const kernels::Context& context, const std::string& name_a,
                          const FeatureView& a, const std::string& name_b, const FeatureView& b,
                          const CompareRequest& request) {
  const int64_t n = a.rows();
  expect(n == b.rows(), "{} has {} rows, {} has {}: row i of both must be the same sample", name_a,
         n, name_b, b.rows());
  expect(request.metric.k < n, "{}: k = {} needs more than {} rows; there are {}",
         metric_text(request.metric), request.metric.k, request.metric.k, n);

  StudyResult result;
  const auto graphs_of = [&](const std::string& name, const FeatureView& features) {
    ModelGraphs graphs{name, "", n, build_graphs(context, features, request_for(name, request))};
    for (size_t s = 0; s < graphs.layers.size(); ++s) {
      const auto& layer = graphs.layers[s];
      result.layers.push_back({name, layer.layer, layer.pooling, features.slots()[s].width,
                               layer.graph.facts, layer.graph.reason});
    }
    return graphs;
  };
  const ModelGraphs graphs_a = graphs_of(name_a, a);
  const ModelGraphs graphs_b = graphs_of(name_b, b);

  PairResult pair;
  pair.score =
      score_pair(context, graphs_a, graphs_b, request.metric, describe(request.conditioning));
  if (request.permutations > 0)
    permutation_null(context, graphs_a, graphs_b, request.metric,
                     draw_relabellings({.seed = request.seed, .permutations = request.permutations},
                                       "a", "b", n),
                     pair.inference);
  if (request.splits > 0 && pair.score.reason.empty()) {
    const HalfSplits splits = draw_half_splits(request.seed, request.splits, n);
    half_split_interval(context, halves_of(context, a, graphs_a, request, splits),
                        halves_of(context, b, graphs_b, request, splits), pair.score,
                        pair.inference);
  }
  result.pairs.push_back(std::move(pair));
  return result;
}

}  // namespace consilience::engine
