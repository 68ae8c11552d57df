#pragma once
#include "engine/metrics/prepared_grid.h"

namespace consilience::engine {

/// Out-of-fold R^2 of a ridge regression, 5 contiguous folds: mean over columns, then folds. A
/// relabelling moves the target's rows; the folds are of the predictor's rows.
PreparedGrid prepare_ridge_r2_cv5(const kernels::Context& context, const MetricSpec& metric,
                                  const ModelInput& a, const ModelInput& b);
/// One R^2 of all out-of-fold predictions and columns together.
PreparedGrid prepare_ridge_r2_cv5_pooled(const kernels::Context& context, const MetricSpec& metric,
                                         const ModelInput& a, const ModelInput& b);

}  // namespace consilience::engine
