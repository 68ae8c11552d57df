#include "engine/inference/half_side.h"

#include <algorithm>

#include "engine/metrics/neighbours/usable_lists.h"
#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

std::vector<int32_t> labels_of(std::span<const int32_t> whole, std::span<const int32_t> rows) {
  std::vector<int32_t> labels;
  if (whole.empty()) return labels;
  for (const int32_t row : rows) labels.push_back(whole[static_cast<size_t>(row)]);
  return labels;
}

}  // namespace

kernels::Conditioned HalfSide::features_of(const kernels::Conditioned& whole,
                                           std::span<const int32_t> rows) {
  Features& own = features_.emplace_back();
  own.x = Matrix<float>(std::ssize(rows), whole.x.cols());
  for (size_t r = 0; r < rows.size(); ++r) {
    std::ranges::copy(whole.x.row(rows[r]), own.x.row(static_cast<int64_t>(r)).begin());
    if (!whole.scale.empty()) own.scale.push_back(whole.scale[static_cast<size_t>(rows[r])]);
  }
  return {own.x.view(), whole.clamp, whole.mean, own.scale};
}

HalfSide::HalfSide(const HalvedModel& model, std::span<const int32_t> rows, size_t half, int k)
    : classes_(labels_of(model.whole->classes, rows)),
      groups_(labels_of(model.whole->groups, rows)) {
  input_.model = model.whole->model;
  input_.rows = std::ssize(rows);
  input_.classes = classes_;
  input_.groups = groups_;
  size_t usable = 0;
  for (const LayerInput& layer : model.whole->layers) {
    LayerInput& own = input_.layers.emplace_back();
    own.name = layer.name;
    own.reason = k > 0 ? list_reason(layer, model.whole->rows, k) : layer.reason;
    if (!own.reason.empty()) continue;
    if (k > 0) {
      expect(model.graphs != nullptr, "{}: half-graphs are missing", input_.model);
      NeighborGraph& graph = graphs_.emplace_back();
      graph.index = model.graphs->lists[half][usable++];
      own.graph = &graph;
    }
    if (layer.features) own.features = features_of(*layer.features, rows);
  }
}

}  // namespace consilience::engine
