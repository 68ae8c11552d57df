#include "engine/metrics/overlap_grid.h"

#include "kernels/base/error.h"

namespace consilience::engine {

UsableLayers usable_layers(const ModelGraphs& model, int k) {
  UsableLayers usable;
  for (size_t l = 0; l < model.layers.size(); ++l) {
    const auto& [layer, pooling, graph] = model.layers[l];
    std::string reason = graph.reason;
    if (reason.empty()) {
      expect(graph.rows() == model.rows, "{} {}/{}: a graph of {} rows in a model of {}",
             model.model, layer, pooling, graph.rows(), model.rows);
      if (k >= model.rows) {
        reason = fmt::format("k = {} needs at least {} rows; there are {}", k, k + 1, model.rows);
      } else {
        expect(graph.capacity() >= k,
               "{} {}/{}: the graph keeps {} neighbours a row, k = {} needs more; build it again",
               model.model, layer, pooling, graph.capacity(), k);
      }
    }
    if (reason.empty()) {
      usable.layer.push_back(static_cast<int64_t>(l));
      usable.lists.push_back(graph.index.view());
    }
    usable.reasons.push_back(std::move(reason));
  }
  return usable;
}

void expect_same_rows(const ModelGraphs& a, const ModelGraphs& b) {
  expect(a.rows == b.rows,
         "{} has {} rows and {} has {}: row i of both must be the same sample; compare features of "
         "one data set",
         a.model, a.rows, b.model, b.rows);
}

}  // namespace consilience::engine
