#pragma once
#include "engine/metrics/prepared_grid.h"

namespace consilience::engine {

/// mutual_knn_permutation_mean(k): k / (n - 1).
[[nodiscard]] PreparedGrid prepare_permutation_mean(const kernels::Context& context,
                                                    const MetricSpec& metric, const ModelInput& a,
                                                    const ModelInput& b);
/// mutual_knn_permutation_sd(k): permutation_moments.h.
[[nodiscard]] PreparedGrid prepare_permutation_sd(const kernels::Context& context,
                                                  const MetricSpec& metric, const ModelInput& a,
                                                  const ModelInput& b);

}  // namespace consilience::engine
