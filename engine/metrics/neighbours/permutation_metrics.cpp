#include "engine/metrics/neighbours/permutation_metrics.h"

#include <cmath>

#include "engine/metrics/neighbours/permutation_moments.h"
#include "engine/metrics/neighbours/usable_lists.h"
#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

std::vector<GraphCounts> counts_of(const ModelInput& model, int k) {
  std::vector<GraphCounts> counts;
  for (const LayerInput& layer : model.layers)
    counts.push_back(list_reason(layer, model.rows, k).empty()
                         ? graph_counts(layer.graph->index.view(), k)
                         : GraphCounts{});
  return counts;
}

}  // namespace

PreparedGrid prepare_permutation_mean(const kernels::Context&, const MetricSpec& metric,
                                      const ModelInput& a, const ModelInput& b) {
  const int k = metric.k();
  const double mean = static_cast<double>(k) / static_cast<double>(a.rows - 1);
  return prepare_cells(a, b, lists_reason(a.rows, k),
                       [mean](int64_t, int64_t, std::span<const int32_t>) { return mean; });
}

PreparedGrid prepare_permutation_sd(const kernels::Context&, const MetricSpec& metric,
                                    const ModelInput& a, const ModelInput& b) {
  const int k = metric.k();
  const auto reason = [&, lists = lists_reason(a.rows, k)](const LayerInput& x,
                                                           const LayerInput& y) -> std::string {
    const std::string why = lists(x, y);
    return why.empty() && a.rows < 4 ? fmt::format("{} rows; expected at least 4", a.rows) : why;
  };
  return prepare_cells(a, b, reason,
                       [left = counts_of(a, k), right = counts_of(b, k)](int64_t x, int64_t y,
                                                                         std::span<const int32_t>) {
                         return std::sqrt(permutation_moments(left[static_cast<size_t>(x)],
                                                              right[static_cast<size_t>(y)])
                                              .variance);
                       });
}

}  // namespace consilience::engine
