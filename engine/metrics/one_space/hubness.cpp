#include "engine/metrics/one_space/hubness.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/metrics/neighbours/usable_lists.h"
#include "engine/metrics/one_space/layer_values.h"

namespace consilience::engine {
namespace {

/// How often each row is listed among the first k.
std::vector<int64_t> in_degrees(const NeighborGraph& graph, int k) {
  std::vector<int64_t> degrees(static_cast<size_t>(graph.rows()), 0);
  for (int64_t i = 0; i < graph.rows(); ++i)
    for (int c = 0; c < k; ++c) ++degrees[static_cast<size_t>(graph.index(i, c))];
  return degrees;
}

LayerValue skewness(const std::vector<int64_t>& degrees, int k) {
  const auto n = static_cast<double>(degrees.size());
  double second = 0, third = 0;
  for (const int64_t degree : degrees) {
    const auto deviation = static_cast<double>(degree - k);  // the mean is k
    second += deviation * deviation / n;
    third += deviation * deviation * deviation / n;
  }
  if (second == 0) return undefined_layer("every row is listed equally often");
  return {.value = third / std::pow(second, 1.5)};
}

template <typename Of>
PreparedGrid degree_grid(const MetricSpec& metric, const ModelInput& side, Of of) {
  const int k = metric.k();
  return grid_as_given(metric, side, [&](const LayerInput& layer) -> LayerValue {
    std::string reason = list_reason(layer, side.rows, k);
    if (!reason.empty()) return undefined_layer(std::move(reason));
    return of(in_degrees(*layer.graph, k));
  });
}

}  // namespace

PreparedGrid prepare_hubness_skew(const kernels::Context&, const MetricSpec& metric,
                                  const ModelInput& a, const ModelInput&) {
  const int k = metric.k();
  return degree_grid(metric, a,
                     [k](const std::vector<int64_t>& degrees) { return skewness(degrees, k); });
}

PreparedGrid prepare_hubness_max(const kernels::Context&, const MetricSpec& metric,
                                 const ModelInput& a, const ModelInput&) {
  return degree_grid(metric, a, [&](const std::vector<int64_t>& degrees) {
    return LayerValue{.value = static_cast<double>(*std::ranges::max_element(degrees)) /
                               static_cast<double>(a.rows - 1)};
  });
}

}  // namespace consilience::engine
