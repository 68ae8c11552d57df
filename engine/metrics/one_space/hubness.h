#pragma once
#include "engine/metrics/prepared_grid.h"

namespace consilience::engine {

/// Skewness of the in-degrees of the k-nearest-neighbour graph.
PreparedGrid prepare_hubness_skew(const kernels::Context& context, const MetricSpec& metric,
                                  const ModelInput& a, const ModelInput& b);
/// Largest in-degree / (n - 1): the share of the other rows that list the most popular one.
PreparedGrid prepare_hubness_max(const kernels::Context& context, const MetricSpec& metric,
                                 const ModelInput& a, const ModelInput& b);

}  // namespace consilience::engine
