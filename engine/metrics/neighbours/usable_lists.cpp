#include "engine/metrics/neighbours/usable_lists.h"

#include "engine/metrics/prepared_grid.h"
#include "kernels/base/error.h"

namespace consilience::engine {

std::string list_reason(const LayerInput& layer, int64_t rows, int k) {
  if (!layer.reason.empty()) return layer.reason;
  expect(layer.graph != nullptr, "{}: no neighbour graph was handed over", layer.name);
  const NeighborGraph& graph = *layer.graph;
  if (!graph.reason.empty()) return graph.reason;
  expect(graph.rows() == rows, "{}: a graph of {} rows in a model of {}", layer.name, graph.rows(),
         rows);
  if (k >= rows) return fmt::format("k = {} needs at least {} rows; there are {}", k, k + 1, rows);
  expect(graph.capacity() >= k,
         "{}: the graph keeps {} neighbours a row, k = {} needs more; build it again", layer.name,
         graph.capacity(), k);
  return "";
}

std::string score_reason(const LayerInput& layer) {
  const NeighborGraph& graph = *layer.graph;
  if (graph.score.rows() == graph.rows()) return "";
  return "the graph keeps the order of neighbours, not their distances";
}

UsableLists usable_lists(const ModelInput& model, int k) {
  UsableLists usable;
  for (size_t l = 0; l < model.layers.size(); ++l) {
    const LayerInput& layer = model.layers[l];
    usable.reasons.push_back(list_reason(layer, model.rows, k));
    if (!usable.reasons.back().empty()) continue;
    usable.layer.push_back(static_cast<int64_t>(l));
    usable.lists.push_back(layer.graph->index.view());
  }
  return usable;
}

std::function<std::string(const LayerInput&, const LayerInput&)> lists_reason(int64_t rows, int k) {
  return [rows, k](const LayerInput& x, const LayerInput& y) {
    const std::string left = list_reason(x, rows, k);
    return pair_reason(x.name, left, y.name, list_reason(y, rows, k));
  };
}

std::vector<RowLists> first_lists(const ModelInput& model, int k) {
  std::vector<RowLists> lists;
  for (const LayerInput& layer : model.layers)
    lists.push_back(list_reason(layer, model.rows, k).empty()
                        ? RowLists::first_columns(layer.graph->index.view(), k)
                        : RowLists());
  return lists;
}

std::vector<RowLists> listing_rows(const ModelInput& model, int k) {
  std::vector<RowLists> lists;
  for (const LayerInput& layer : model.layers)
    lists.push_back(list_reason(layer, model.rows, k).empty()
                        ? RowLists::listed_by(layer.graph->index.view(), k)
                        : RowLists());
  return lists;
}

}  // namespace consilience::engine
