#pragma once
#include "engine/metrics/prepared_grid.h"

namespace consilience::engine {

/// Intrinsic dimension from the ratio of the two nearest Euclidean distances of each row:
/// (N - 1) / sum ln mu.
PreparedGrid prepare_twonn_mle(const kernels::Context& context, const MetricSpec& metric,
                               const ModelInput& a, const ModelInput& b);
/// The slope through 0 of -ln(1 - F) on ln mu.
PreparedGrid prepare_twonn_fit(const kernels::Context& context, const MetricSpec& metric,
                               const ModelInput& a, const ModelInput& b);

}  // namespace consilience::engine
