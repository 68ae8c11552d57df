#include "engine/metrics/one_space/duplicates.h"

#include "engine/metrics/neighbours/usable_lists.h"
#include "engine/metrics/one_space/layer_values.h"

namespace consilience::engine {
namespace {

constexpr double kRounding = 1e-12;  // by which the cosine of equal rows may miss 1

/// count(graph) / n.
template <typename Count>
PreparedGrid share_grid(const MetricSpec& metric, const ModelInput& side, Count count) {
  return grid_as_given(metric, side, [&](const LayerInput& layer) -> LayerValue {
    std::string reason = list_reason(layer, side.rows, 1);
    if (reason.empty()) reason = score_reason(layer);
    if (!reason.empty()) return undefined_layer(std::move(reason));
    return {.value = static_cast<double>(count(*layer.graph)) / static_cast<double>(side.rows)};
  });
}

}  // namespace

PreparedGrid prepare_exact_duplicates(const kernels::Context&, const MetricSpec& metric,
                                      const ModelInput& a, const ModelInput&) {
  return share_grid(metric, a,
                    [](const NeighborGraph& graph) { return graph.facts.exact_duplicates; });
}

PreparedGrid prepare_near_duplicates(const kernels::Context&, const MetricSpec& metric,
                                     const ModelInput& a, const ModelInput&) {
  const double least = metric.number("cosine") - kRounding;
  return share_grid(metric, a, [least](const NeighborGraph& graph) {
    int64_t count = 0;
    for (int64_t i = 0; i < graph.rows(); ++i) count += graph.score(i, 0) >= least ? 1 : 0;
    return count;
  });
}

}  // namespace consilience::engine
