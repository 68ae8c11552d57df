#pragma once
#include "engine/metrics/prepared_grid.h"

namespace consilience::engine {

/// mutual_knn_chance_corrected(k): (s - c) / (1 - c) with c = k / (n - 1).
[[nodiscard]] PreparedGrid prepare_mutual_knn_chance_corrected(const kernels::Context& context,
                                                               const MetricSpec& metric,
                                                               const ModelInput& a,
                                                               const ModelInput& b);

}  // namespace consilience::engine
