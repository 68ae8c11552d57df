#include "engine/metrics/neighbours/information_imbalance.h"

#include <map>
#include <memory>
#include <numeric>

#include "engine/metrics/neighbours/layer_ranks.h"
#include "engine/metrics/neighbours/usable_lists.h"
#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

constexpr int64_t kTableRows = 4096;  // up to so many rows every rank is kept: 32 MiB a layer

/// Nearest neighbours come from the layers of one side, ranks from those of the other.
struct Imbalance {
  std::vector<int64_t> asking;                // usable layers of the asking side
  std::vector<std::vector<int32_t>> nearest;  // [asking][n]
  std::map<int64_t, LayerRanks> ranking;      // by layer of the ranking side
  bool a_asks = true;                         // direction x->y
  int64_t n = 0;

  /// [n, asking]: whose ranks are asked for by row i of the ranking side, side a relabelled.
  [[nodiscard]] Matrix<int32_t> columns(std::span<const int32_t> relabelling) const {
    const std::vector<int32_t> back = rows_in_place(relabelling, n);
    std::vector<int32_t> to(back.size());
    for (size_t place = 0; place < back.size(); ++place)
      to[static_cast<size_t>(back[place])] = static_cast<int32_t>(place);
    const std::vector<int32_t>& there = a_asks ? to : back;  // asking side's rows on the other side
    Matrix<int32_t> asked(n, std::ssize(asking));
    for (size_t layer = 0; layer < nearest.size(); ++layer)
      for (size_t i = 0; i < there.size(); ++i)
        asked(there[i], static_cast<int64_t>(layer)) =
            there[static_cast<size_t>(nearest[layer][i])];
    return asked;
  }
};

Imbalance imbalance(const kernels::Context& context, const MetricSpec& metric, const ModelInput& a,
                    const ModelInput& b) {
  Imbalance all;
  all.n = a.rows;
  all.a_asks = metric.word("direction") == "x->y";
  const ModelInput& asking = all.a_asks ? a : b;
  const ModelInput& ranking = all.a_asks ? b : a;
  const auto similarity = metric.word("similarity") == "euclidean" ? kernels::Similarity::euclidean
                                                                   : kernels::Similarity::dot;
  for (size_t l = 0; l < asking.layers.size(); ++l) {
    const LayerInput& layer = asking.layers[l];
    if (!list_reason(layer, all.n, 1).empty()) continue;
    all.asking.push_back(static_cast<int64_t>(l));
    auto& nearest = all.nearest.emplace_back();
    for (int64_t i = 0; i < all.n; ++i) nearest.push_back(layer.graph->index(i, 0));
  }
  for (size_t l = 0; l < ranking.layers.size(); ++l) {
    const LayerInput& layer = ranking.layers[l];
    if (!list_reason(layer, all.n, 1).empty()) continue;
    expect(layer.features.has_value(), "{}: no features were handed over", layer.name);
    LayerRanks ranks(*layer.features, similarity, groups_left_out(ranking, *layer.graph));
    if (all.n <= kTableRows) ranks.keep_table(context);
    all.ranking.emplace(static_cast<int64_t>(l), std::move(ranks));
  }
  return all;
}

}  // namespace

PreparedGrid prepare_information_imbalance(const kernels::Context& context,
                                           const MetricSpec& metric, const ModelInput& a,
                                           const ModelInput& b) {
  PreparedGrid grid = prepare_cells(a, b, lists_reason(a.rows, 1), {});
  const auto all = std::make_shared<const Imbalance>(imbalance(context, metric, a, b));
  grid.parallel_inside = all->n > kTableRows;
  const kernels::Context inner{context.backend, grid.parallel_inside ? context.threads : 1};
  const int64_t rows = std::ssize(a.layers);
  const int64_t cols = std::ssize(b.layers);
  const double unit = 2 / static_cast<double>(all->n);
  grid.values = [=](std::span<const int32_t> relabelling) {
    Matrix<double> values(rows, cols, std::numeric_limits<double>::quiet_NaN());
    const Matrix<int32_t> columns = all->columns(relabelling);
    for (const auto& [layer, ranking] : all->ranking) {
      const Matrix<int32_t> ranks = ranking.of(inner, columns.view());
      for (size_t c = 0; c < all->asking.size(); ++c) {
        int64_t sum = 0;
        for (int64_t i = 0; i < all->n; ++i) sum += ranks(i, static_cast<int64_t>(c));
        const int64_t other = all->asking[c];
        (all->a_asks ? values(other, layer) : values(layer, other)) =
            unit * static_cast<double>(sum) / static_cast<double>(all->n);
      }
    }
    return values;
  };
  grid.per_sample = [all, inner, unit](int64_t x, int64_t y) {
    const auto asked = std::ranges::find(all->asking, all->a_asks ? x : y) - all->asking.begin();
    const Matrix<int32_t> ranks =
        all->ranking.at(all->a_asks ? y : x).of(inner, all->columns({}).view());
    std::vector<double> scores;
    for (int64_t i = 0; i < all->n; ++i) scores.push_back(unit * ranks(i, asked));
    return scores;
  };
  if (a.groups.empty() && b.groups.empty()) grid.chance = 1;
  return grid;
}

}  // namespace consilience::engine
