#include "engine/metrics/neighbours/layer_ranks.h"

#include <algorithm>
#include <numeric>

#include "kernels/base/error.h"
#include "kernels/ops/rank_of.h"

namespace consilience::engine {

LayerRanks::LayerRanks(kernels::Conditioned features, kernels::Similarity similarity,
                       std::span<const int32_t> groups)
    : features_(features),
      similarity_(features.scale.empty() ? similarity : kernels::Similarity::dot),
      groups_(groups) {}

Matrix<int32_t> LayerRanks::of(const kernels::Context& context, int64_t begin, int64_t end,
                               MatrixView<const int32_t> columns) const {
  const auto first = static_cast<size_t>(begin);
  const auto count = static_cast<size_t>(end - begin);
  kernels::Conditioned queries = features_;
  queries.x = features_.x.slice(begin, end);
  if (!queries.scale.empty()) queries.scale = queries.scale.subspan(first, count);
  std::vector<int64_t> self(count);
  std::iota(self.begin(), self.end(), begin);
  kernels::RankParams params{.similarity = similarity_, .self = self, .gallery_group = groups_};
  if (!groups_.empty()) params.query_group = groups_.subspan(first, count);
  Matrix<int32_t> ranks(columns.rows(), columns.cols());
  kernels::rank_of(context, queries, features_, params, columns, ranks.view());
  return ranks;
}

Matrix<int32_t> LayerRanks::of(const kernels::Context& context,
                               MatrixView<const int32_t> columns) const {
  if (table_.rows() == 0) return of(context, 0, features_.x.rows(), columns);
  Matrix<int32_t> ranks(columns.rows(), columns.cols());
  for (int64_t i = 0; i < columns.rows(); ++i)
    for (int64_t c = 0; c < columns.cols(); ++c) ranks(i, c) = table_(i, columns(i, c));
  return ranks;
}

void LayerRanks::keep_table(const kernels::Context& context) {
  const int64_t n = features_.x.rows();
  expect(n <= int64_t{1} << 16, "a table of ranks of {} rows; expected at most 65536", n);
  constexpr int64_t kRowsAtOnce = 256;
  table_ = Matrix<uint16_t>(n, n);
  Matrix<int32_t> all(std::min(n, kRowsAtOnce), n);
  for (int64_t r = 0; r < all.rows(); ++r) std::iota(all.row(r).begin(), all.row(r).end(), 0);
  for (int64_t begin = 0; begin < n; begin += kRowsAtOnce) {
    const int64_t end = std::min(n, begin + kRowsAtOnce);
    const Matrix<int32_t> ranks = of(context, begin, end, all.view().slice(0, end - begin));
    for (int64_t i = begin; i < end; ++i)
      std::ranges::transform(ranks.row(i - begin), table_.row(i).begin(),
                             [](int32_t rank) { return static_cast<uint16_t>(rank); });
  }
}

std::span<const int32_t> groups_left_out(const ModelInput& model, const NeighborGraph& graph) {
  for (int64_t i = 0; i < graph.rows() && !model.groups.empty(); ++i)
    for (const int32_t j : graph.index.row(i))
      if (model.groups[static_cast<size_t>(i)] == model.groups[static_cast<size_t>(j)]) return {};
  return model.groups;
}

}  // namespace consilience::engine
