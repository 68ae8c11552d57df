#pragma once
#include "engine/metrics/prepared_grid.h"

namespace consilience::engine {

/// min over orthogonal Q of ||X Q - Y||, the narrower side padded with zero columns.
PreparedGrid prepare_procrustes_distance(const kernels::Context& context, const MetricSpec& metric,
                                         const ModelInput& a, const ModelInput& b);
/// The same after scaling both sides to unit norm.
PreparedGrid prepare_procrustes_normalised(const kernels::Context& context,
                                           const MetricSpec& metric, const ModelInput& a,
                                           const ModelInput& b);
/// arccos(||X'Y||_* / (||X|| ||Y||)).
PreparedGrid prepare_procrustes_angular(const kernels::Context& context, const MetricSpec& metric,
                                        const ModelInput& a, const ModelInput& b);
/// ||X'Y||_* / (||X|| ||Y||).
PreparedGrid prepare_nbs(const kernels::Context& context, const MetricSpec& metric,
                         const ModelInput& a, const ModelInput& b);
/// The angle after partial whitening x (alpha I + (1 - alpha) (x'x)^(-1/2)).
PreparedGrid prepare_shape_metric(const kernels::Context& context, const MetricSpec& metric,
                                  const ModelInput& a, const ModelInput& b);

}  // namespace consilience::engine
