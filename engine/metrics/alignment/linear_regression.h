#pragma once
#include "engine/metrics/prepared_grid.h"

namespace consilience::engine {

/// In-sample R^2 of regressing one side on the other: ||U' T||^2 / ||T||^2, U a basis of the
/// predictor's columns, T the centred target.
PreparedGrid prepare_linear_regression_r2(const kernels::Context& context, const MetricSpec& metric,
                                          const ModelInput& a, const ModelInput& b);

}  // namespace consilience::engine
