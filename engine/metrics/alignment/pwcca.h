#pragma once
#include "engine/metrics/prepared_grid.h"

namespace consilience::engine {

/// Canonical correlations weighted by sum_j |<h_i, x_j>| over the features x_j of one side.
PreparedGrid prepare_pwcca(const kernels::Context& context, const MetricSpec& metric,
                           const ModelInput& a, const ModelInput& b);
/// Canonical correlations weighted by the sum over samples of |h_i| of one side.
PreparedGrid prepare_pwcca_sample_l1(const kernels::Context& context, const MetricSpec& metric,
                                     const ModelInput& a, const ModelInput& b);

}  // namespace consilience::engine
