#pragma once
#include "engine/metrics/prepared_grid.h"

/// Metrics of rows scaled to unit norm.
namespace consilience::engine {

/// Mean cosine over ordered pairs i != j, from the sum of all unit rows.
PreparedGrid prepare_mean_cosine(const kernels::Context& context, const MetricSpec& metric,
                                 const ModelInput& a, const ModelInput& b);
/// ln of the mean over pairs of exp(-t |x_i - x_j|^2), in tiles.
PreparedGrid prepare_uniformity(const kernels::Context& context, const MetricSpec& metric,
                                const ModelInput& a, const ModelInput& b);

}  // namespace consilience::engine
