#pragma once
#include "engine/metrics/prepared_grid.h"

namespace consilience::engine {

/// mutual_knn(k, groups): whole grids at once (kernels/ops/overlap.h); groups=merged as in
/// group_metrics.h.
[[nodiscard]] PreparedGrid prepare_mutual_knn(const kernels::Context& context,
                                              const MetricSpec& metric, const ModelInput& a,
                                              const ModelInput& b);

}  // namespace consilience::engine
