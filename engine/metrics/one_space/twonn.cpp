#include "engine/metrics/one_space/twonn.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "engine/metrics/neighbours/usable_lists.h"
#include "engine/metrics/one_space/layer_values.h"
#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

constexpr int kNeighbours = 2;

/// ln(r2 / r1) of the rows whose nearest neighbour is elsewhere; graphs keep squared distances.
std::vector<double> log_ratios(const NeighborGraph& graph) {
  std::vector<double> ratios;
  for (int64_t i = 0; i < graph.rows(); ++i)
    if (graph.score(i, 0) > 0)
      ratios.push_back(0.5 * std::log(graph.score(i, 1) / graph.score(i, 0)));
  return ratios;
}

/// estimate(ln mu of the rows that have one).
template <typename Estimate>
PreparedGrid twonn_grid(const MetricSpec& metric, const ModelInput& side, Estimate estimate) {
  return grid_as_given(metric, side, [&](const LayerInput& layer) -> LayerValue {
    std::string reason = list_reason(layer, side.rows, kNeighbours);
    if (reason.empty()) reason = score_reason(layer);
    if (!reason.empty()) return undefined_layer(std::move(reason));
    std::vector<double> ratios = log_ratios(*layer.graph);
    const auto left_out = side.rows - std::ssize(ratios);
    if (ratios.size() < 2)
      return undefined_layer(
          fmt::format("{} of {} rows equal another one, so they have no ratio of distances",
                      left_out, side.rows));
    if (*std::ranges::max_element(ratios) == 0)
      return undefined_layer("both nearest neighbours of every row are equally far");
    LayerValue result = estimate(std::move(ratios));
    if (left_out > 0)
      result.remark =
          fmt::format("{} of {} rows equal another one and are left out", left_out, side.rows);
    return result;
  });
}

}  // namespace

PreparedGrid prepare_twonn_mle(const kernels::Context&, const MetricSpec& metric,
                               const ModelInput& a, const ModelInput&) {
  return twonn_grid(metric, a, [](const std::vector<double>& ratios) {
    const double sum = std::accumulate(ratios.begin(), ratios.end(), 0.0);
    return LayerValue{.value = static_cast<double>(ratios.size() - 1) / sum};
  });
}

PreparedGrid prepare_twonn_fit(const kernels::Context&, const MetricSpec& metric,
                               const ModelInput& a, const ModelInput&) {
  const double share = metric.number("kept");
  return twonn_grid(metric, a, [share](std::vector<double> ratios) {
    std::ranges::sort(ratios);
    const auto n = static_cast<double>(ratios.size());
    const auto kept = std::min(static_cast<size_t>(n * share), ratios.size() - 1);  // F < 1
    double xy = 0, xx = 0;
    for (size_t i = 0; i < kept; ++i) {
      xy += ratios[i] * -std::log1p(-static_cast<double>(i + 1) / n);
      xx += ratios[i] * ratios[i];
    }
    if (xx == 0)
      return undefined_layer("both nearest neighbours of the rows that are kept are equally far");
    return LayerValue{.value = xy / xx};
  });
}

}  // namespace consilience::engine
