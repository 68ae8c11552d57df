#include "engine/graphs/redo_rows.h"

#include <utility>
#include <vector>

#include "kernels/base/error.h"
#include "kernels/ops/neighbors.h"

namespace consilience::engine {
namespace {

/// Some rows of a layer, copied together with their scales and groups.
struct Gathered {
  Matrix<float> x;
  std::vector<double> scale;
  std::vector<int32_t> group;

  Gathered(const ConditionedLayer& layer, const std::vector<int32_t>& groups,
           std::span<const int32_t> rows)
      : x(static_cast<int64_t>(rows.size()), layer.x.cols()) {
    for (size_t r = 0; r < rows.size(); ++r) {
      std::ranges::copy(layer.x.row(rows[r]), x.row(static_cast<int64_t>(r)).begin());
      const auto i = static_cast<size_t>(rows[r]);
      if (!layer.scale.empty()) scale.push_back(layer.scale[i]);
      if (!groups.empty()) group.push_back(groups[i]);
    }
  }
  [[nodiscard]] kernels::Conditioned view(const ConditionedLayer& layer) const {
    return {x.view(), layer.clamp(), layer.mean, scale};
  }
};

}  // namespace

RowRedo::RowRedo(const kernels::Context& context, const FeatureView& features, GraphRequest request,
                 ClampFit fit)
    : context_(context), features_(features), request_(std::move(request)), fit_(std::move(fit)) {}

void RowRedo::operator()(int64_t layer, std::span<const int32_t> rows,
                         std::span<const uint8_t> member, int k, MatrixView<int32_t> out) {
  if (layer != layer_) {
    conditioned_ =
        condition_layer(context_, features_, layer, request_.model, request_.conditioning, fit_);
    layer_ = layer;
  }
  std::vector<int32_t> gallery_rows;
  std::vector<int64_t> position(member.size(), -1);
  for (size_t i = 0; i < member.size(); ++i) {
    if (member[i] == 0) continue;
    position[i] = static_cast<int64_t>(gallery_rows.size());
    gallery_rows.push_back(static_cast<int32_t>(i));
  }
  std::vector<int64_t> self;
  for (const int32_t row : rows) self.push_back(position[static_cast<size_t>(row)]);

  const Gathered queries(conditioned_, request_.groups, rows);
  const Gathered gallery(conditioned_, request_.groups, gallery_rows);
  const auto q = static_cast<int64_t>(rows.size());
  Matrix<double> score(q, k);
  std::vector<double> next_score(rows.size());
  std::vector<int32_t> ties(rows.size());
  kernels::neighbors(context_, queries.view(conditioned_), gallery.view(conditioned_),
                     {k, ranked_by(request_.conditioning), self, queries.group, gallery.group},
                     {out, score.view(), next_score, ties});
  for (int64_t r = 0; r < q; ++r) {
    for (int32_t& j : out.row(r)) j = gallery_rows[static_cast<size_t>(j)];
  }
}

}  // namespace consilience::engine
