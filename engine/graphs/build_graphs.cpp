#include "engine/graphs/build_graphs.h"

#include <algorithm>
#include <numeric>
#include <unordered_map>

#include "engine/base/cancel.h"
#include "engine/graphs/graph_facts.h"
#include "engine/graphs/list_length.h"
#include "kernels/base/error.h"
#include "kernels/ops/neighbors.h"

namespace consilience::engine {
namespace {

/// The rows that every row may at least choose from.
int64_t fewest_eligible(int64_t n, const std::vector<int32_t>& groups) {
  if (groups.empty()) return n - 1;
  std::unordered_map<int32_t, int64_t> size;
  int64_t largest = 0;
  for (const int32_t group : groups) largest = std::max(largest, ++size[group]);
  return n - largest;
}

std::string too_few_rows(int64_t n, int64_t eligible, const GraphRequest& request) {
  if (n - 1 < request.k)
    return fmt::format("k = {} needs at least {} rows; there are {}", request.k, request.k + 1, n);
  if (eligible < request.k)
    return fmt::format("k = {} neighbours, but a group of {} rows leaves only {} outside it",
                       request.k, n - eligible, eligible);
  return "";
}

void find_neighbors(const kernels::Context& context, const ConditionedLayer& layer,
                    const GraphRequest& request, int capacity, NeighborGraph& graph) {
  const int64_t n = layer.x.rows();
  graph.index = Matrix<int32_t>(n, capacity);
  graph.score = Matrix<double>(n, capacity);
  graph.next_score.resize(static_cast<size_t>(n));
  graph.ties.resize(static_cast<size_t>(n));
  std::vector<int64_t> self(static_cast<size_t>(n));
  std::iota(self.begin(), self.end(), 0);
  const kernels::NeighborParams params{capacity, ranked_by(request.conditioning), self,
                                       request.groups, request.groups};
  kernels::neighbors(context, layer.view(), layer.view(), params,
                     {graph.index.view(), graph.score.view(), graph.next_score, graph.ties});
}

}  // namespace

kernels::Similarity ranked_by(const Conditioning& conditioning) {
  return conditioning.scale == Scale::l2 ? kernels::Similarity::dot : conditioning.similarity;
}

LayerGraph build_layer_graph(const kernels::Context& context, const FeatureView& features,
                             int64_t slot, const GraphRequest& request, const ClampFit& fit) {
  const int64_t n = features.rows();
  expect(request.k >= 1, "{}: k = {}; expected at least 1", request.model, request.k);
  expect(request.groups.empty() || static_cast<int64_t>(request.groups.size()) == n,
         "{}: {} group ids for {} rows", request.model, request.groups.size(), n);
  expect(request.capacity == 0 || request.capacity >= request.k,
         "{}: lists of {} neighbours were asked for, fewer than k = {}", request.model,
         request.capacity, request.k);
  const FeatureSlot& what = features.slots()[static_cast<size_t>(slot)];
  LayerGraph result{what.layer, what.pooling, {}};
  const ConditionedLayer layer =
      condition_layer(context, features, slot, request.model, request.conditioning, fit);
  NeighborGraph& graph = result.graph;
  graph.facts.clamp_threshold = layer.threshold;
  graph.facts.clamp_off_sparse = layer.clamp_off_sparse;
  graph.facts.exact_duplicates = count_duplicates(layer.x.view(), layer.clamp());
  const int64_t eligible = fewest_eligible(n, request.groups);
  graph.reason = too_few_rows(n, eligible, request);
  if (graph.reason.empty()) graph.reason = layer.reason;
  if (!graph.reason.empty()) return result;

  const int wanted = request.capacity > 0 ? request.capacity : list_length(n, request.k);
  const int capacity = static_cast<int>(std::min<int64_t>(wanted, eligible));
  find_neighbors(context, layer, request, capacity, graph);
  add_list_facts(graph, request.k, graph.facts);
  return result;
}

std::vector<LayerGraph> build_graphs(const kernels::Context& context, const FeatureView& features,
                                     const GraphRequest& request, Progress* progress) {
  const ClampFit fit = fit_clamp(context, features, request.model, request.conditioning);
  std::vector<LayerGraph> graphs;
  for (size_t s = 0; s < features.slots().size(); ++s) {
    throw_if_cancelled();
    graphs.push_back(build_layer_graph(context, features, static_cast<int64_t>(s), request, fit));
    if (progress != nullptr) progress->advance();
  }
  return graphs;
}

}  // namespace consilience::engine
