#include "engine/metrics/neighbours/tied_lists.h"

#include <algorithm>
#include <numeric>
#include <optional>

#include "engine/metrics/neighbours/layer_ranks.h"
#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

/// Squared distances grow along a list, products fall.
kernels::Similarity order_of(const NeighborGraph& graph) {
  for (int64_t i = 0; i < graph.rows(); ++i)
    if (graph.score.row(i).front() < graph.score.row(i).back())
      return kernels::Similarity::euclidean;
  return kernels::Similarity::dot;
}

/// The rows at ranks (from, to] of row i.
std::vector<int32_t> rows_at_ranks(const kernels::Context& context, const LayerRanks& ranks,
                                   int64_t n, int64_t i, int32_t from, int32_t to) {
  Matrix<int32_t> all(1, n);
  std::iota(all.row(0).begin(), all.row(0).end(), 0);
  const Matrix<int32_t> found = ranks.of(context, i, i + 1, all.view());
  std::vector<int32_t> rows;
  for (int64_t j = 0; j < n; ++j)
    if (j != i && found(0, j) > from && found(0, j) <= to) rows.push_back(static_cast<int32_t>(j));
  return rows;
}

}  // namespace

TiedLists tied_lists(const kernels::Context& context, const ModelInput& model,
                     const LayerInput& layer, int k) {
  const NeighborGraph& graph = *layer.graph;
  const int32_t capacity = graph.capacity();
  std::optional<LayerRanks> ranks;
  TiedLists tied;
  for (int64_t i = 0; i < graph.rows(); ++i) {
    const auto score = graph.score.row(i);
    const double last = score[static_cast<size_t>(k) - 1];
    const auto first = std::ranges::find(score, last);
    const auto end = std::find_if(first, score.end(), [last](double s) { return s != last; });
    const auto row = graph.index.row(i).first(static_cast<size_t>(end - score.begin()));
    std::vector<int32_t> members(row.begin(), row.end());
    const int32_t outside = graph.ties[static_cast<size_t>(i)];
    if (end == score.end() && outside > 0) {
      expect(layer.features.has_value(), "{}: no features were handed over", layer.name);
      if (!ranks) ranks.emplace(*layer.features, order_of(graph), groups_left_out(model, graph));
      const auto more =
          rows_at_ranks(context, *ranks, graph.rows(), i, capacity, capacity + outside);
      expect(std::ssize(more) == outside, "{}: row {} has {} ties outside its list, found {}",
             layer.name, i, outside, more.size());
      members.insert(members.end(), more.begin(), more.end());
    }
    tied.members.push_row(members);
    tied.certain.push_back(static_cast<int32_t>(first - score.begin()));
  }
  return tied;
}

int64_t TieCounts::fewest() const {
  // Tied rows that the other side does not hold go first; of the others, those tied in both can
  // still be missed by the other side.
  const int64_t forced_a = std::max<int64_t>(0, open_a - (tied_a - free_a - free_both));
  const int64_t forced_b = std::max<int64_t>(0, open_b - (tied_b - free_b - free_both));
  return certain + std::max<int64_t>(0, forced_a + forced_b - free_both);
}

int64_t TieCounts::most() const {
  const int64_t by_a = std::min(free_a, open_a);
  const int64_t by_b = std::min(free_b, open_b);
  return certain + by_a + by_b + std::min({free_both, open_a - by_a, open_b - by_b});
}

}  // namespace consilience::engine
