#include "engine/metrics/neighbours/tie_bounds.h"

#include <memory>

#include "engine/metrics/neighbours/row_sums.h"
#include "engine/metrics/neighbours/tied_lists.h"
#include "engine/metrics/neighbours/usable_lists.h"

namespace consilience::engine {
namespace {

std::string ties_reason(const LayerInput& layer, int64_t rows, int k) {
  const std::string why = list_reason(layer, rows, k);
  if (!why.empty() || layer.graph->score.rows() > 0) return why;
  return "its lists carry no scores, so nothing is known of ties";
}

std::vector<TiedLists> tied_layers(const kernels::Context& context, const ModelInput& model,
                                   int k) {
  std::vector<TiedLists> layers;
  for (const LayerInput& layer : model.layers)
    layers.push_back(ties_reason(layer, model.rows, k).empty()
                         ? tied_lists(context, model, layer, k)
                         : TiedLists{});
  return layers;
}

struct Certain {
  std::vector<std::vector<int32_t>> a, b;  // [layer][n]
};

TieCounts counts_of(const ListPair& lists, int certain_a, int certain_b, int k) {
  TieCounts counts{.tied_a = std::ssize(lists.a) - certain_a,
                   .tied_b = std::ssize(lists.b) - certain_b,
                   .open_a = k - certain_a,
                   .open_b = k - certain_b};
  for (int c = 0; c < std::ssize(lists.a); ++c) {
    const int32_t place = lists.place_of(lists.a[static_cast<size_t>(c)]);
    if (place == 0) continue;
    const bool in_a = c < certain_a;
    const bool in_b = place <= certain_b;
    ++(in_a ? (in_b ? counts.certain : counts.free_b) : (in_b ? counts.free_a : counts.free_both));
  }
  return counts;
}

PreparedGrid prepare(const kernels::Context& context, const MetricSpec& metric, const ModelInput& a,
                     const ModelInput& b, int64_t (TieCounts::*bound)() const) {
  const int k = metric.k();
  PreparedGrid grid = prepare_cells(a, b,
                                    [&](const LayerInput& x, const LayerInput& y) {
                                      return pair_reason(x.name, ties_reason(x, a.rows, k), y.name,
                                                         ties_reason(y, b.rows, k));
                                    },
                                    {});
  const auto certain = std::make_shared<Certain>();
  RowSums sums;
  for (TiedLists& layer : tied_layers(context, a, k)) {
    sums.a.push_back(std::move(layer.members));
    certain->a.push_back(std::move(layer.certain));
  }
  for (TiedLists& layer : tied_layers(context, b, k)) {
    sums.b.push_back(std::move(layer.members));
    certain->b.push_back(std::move(layer.certain));
  }
  sums.scorer = [certain, k, bound] {
    return [certain, k, bound](const ListPair& lists) {
      const auto& left = certain->a[static_cast<size_t>(lists.layer_a)];
      const auto& right = certain->b[static_cast<size_t>(lists.layer_b)];
      const TieCounts counts = counts_of(lists, left[static_cast<size_t>(lists.source)],
                                         right[static_cast<size_t>(lists.row)], k);
      return static_cast<double>((counts.*bound)());
    };
  };
  sums.divisor = [all = static_cast<double>(a.rows) * k](int64_t, int64_t) { return all; };
  set_row_sums(grid, std::move(sums));
  return grid;
}

}  // namespace

PreparedGrid prepare_tie_min(const kernels::Context& context, const MetricSpec& metric,
                             const ModelInput& a, const ModelInput& b) {
  return prepare(context, metric, a, b, &TieCounts::fewest);
}

PreparedGrid prepare_tie_max(const kernels::Context& context, const MetricSpec& metric,
                             const ModelInput& a, const ModelInput& b) {
  return prepare(context, metric, a, b, &TieCounts::most);
}

}  // namespace consilience::engine
