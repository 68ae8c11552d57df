#pragma once
#include "engine/metrics/prepared_grid.h"

namespace consilience::engine {

/// mutual_knn_tie_min(k), mutual_knn_tie_max(k): the smallest and the largest mutual_knn over all
/// ways of breaking ties at the k-th place.
[[nodiscard]] PreparedGrid prepare_tie_min(const kernels::Context& context,
                                           const MetricSpec& metric, const ModelInput& a,
                                           const ModelInput& b);
[[nodiscard]] PreparedGrid prepare_tie_max(const kernels::Context& context,
                                           const MetricSpec& metric, const ModelInput& a,
                                           const ModelInput& b);

}  // namespace consilience::engine
