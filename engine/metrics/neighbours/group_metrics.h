#pragma once
#include "engine/metrics/prepared_grid.h"

namespace consilience::engine {

/// mutual_knn(groups=merged): the first k distinct groups of each list, the row's own left out.
[[nodiscard]] PreparedGrid prepare_mutual_knn_merged(const kernels::Context& context,
                                                     const MetricSpec& metric, const ModelInput& a,
                                                     const ModelInput& b);
/// class_agreement_knn(k): how far two lists hold the same classes.
[[nodiscard]] PreparedGrid prepare_class_agreement(const kernels::Context& context,
                                                   const MetricSpec& metric, const ModelInput& a,
                                                   const ModelInput& b);
/// mutual_knn_within_class_mean(k): the mean of mutual_knn over all relabellings within classes.
[[nodiscard]] PreparedGrid prepare_within_class_mean(const kernels::Context& context,
                                                     const MetricSpec& metric, const ModelInput& a,
                                                     const ModelInput& b);

}  // namespace consilience::engine
