#include "engine/store/graphs.h"

#include "engine/store/fields.h"
#include "engine/store/results.h"
#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

constexpr const char* kKind = "graph";

Json facts_json(const GraphFacts& facts) {
  return {
      {"clamp_threshold", facts.clamp_threshold},   {"clamp_off_sparse", facts.clamp_off_sparse},
      {"exact_duplicates", facts.exact_duplicates}, {"max_in_degree", facts.max_in_degree},
      {"rows_with_ties", facts.rows_with_ties},     {"facts_k", facts.facts_k}};
}

GraphFacts facts_from(const Json& json, const std::string& file) {
  GraphFacts facts;
  facts.clamp_threshold = number_or_nan(json, "clamp_threshold", file);
  facts.clamp_off_sparse = field<bool>(json, "clamp_off_sparse", file);
  facts.exact_duplicates = field<int64_t>(json, "exact_duplicates", file);
  facts.max_in_degree = field<int64_t>(json, "max_in_degree", file);
  facts.rows_with_ties = field<int64_t>(json, "rows_with_ties", file);
  facts.facts_k = field<int>(json, "facts_k", file);
  return facts;
}

}  // namespace

std::string graph_record_name(const std::string& key, const std::string& layer,
                              const std::string& pooling, const std::string& task_hash) {
  return fmt::format("graphs/{}/{}-{}-{}.json", key, file_name_part(layer), file_name_part(pooling),
                     task_hash.substr(0, 8));
}

void write_graph(const Store& store, const std::string& name, const LayerGraph& layer,
                 const Json& inputs) {
  const NeighborGraph& graph = layer.graph;
  const int64_t n = graph.rows(), k = graph.capacity();
  const Json record = {{"kind", kKind},
                       {"layer", layer.layer},
                       {"pooling", layer.pooling},
                       {"inputs", inputs},
                       {"n", n},
                       {"K", k},
                       {"facts", facts_json(graph.facts)},
                       {"reason", graph.reason}};
  std::vector<TensorView> tensors;
  if (graph.reason.empty())
    tensors = {tensor("neighbours", {n, k}, graph.index.values()),
               tensor("scores", {n, k}, graph.score.values()),
               tensor("next", {n}, graph.next_score), tensor("ties", {n}, graph.ties)};
  commit_result(store, name, record, tensors);
}

LayerGraph read_graph(const Store& store, const std::string& name) {
  const Json record = store.read_record(name);
  const std::string file = (store.root() / name).string();
  expect(record.value("kind", Json()) == Json(kKind), "{}: no graph", file);
  LayerGraph layer{
      field<std::string>(record, "layer", file), field<std::string>(record, "pooling", file), {}};
  NeighborGraph& graph = layer.graph;
  graph.facts = facts_from(field<Json>(record, "facts", file), file);
  graph.reason = field<std::string>(record, "reason", file);
  if (!graph.reason.empty()) return layer;
  const auto n = field<int64_t>(record, "n", file), k = field<int64_t>(record, "K", file);
  const Safetensors data = store.open_data(name, record);
  graph.index = tensor_matrix<int32_t>(data, "neighbours", n, k);
  graph.score = tensor_matrix<double>(data, "scores", n, k);
  graph.next_score = tensor_values<double>(data, "next", {n});
  graph.ties = tensor_values<int32_t>(data, "ties", {n});
  for (const int32_t j : graph.index.values())
    expect(j >= 0 && j < n, "{}: damaged: neighbour {} of {} rows", data.path().string(), j, n);
  return layer;
}

}  // namespace consilience::engine
