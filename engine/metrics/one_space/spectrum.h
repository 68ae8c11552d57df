#pragma once
#include <vector>

#include "engine/linalg/linalg.h"
#include "engine/metrics/metric_input.h"
#include "engine/types/metric_spec.h"

namespace consilience::engine {

enum class Centring { as_given, columns };

/// The min(n, d) singular values of a layer's features, descending, in double. Never from the
/// covariance, which would lose half of the digits of the small ones: many rows are folded into a
/// triangular factor block by block, so beside the features only d x d numbers are held.
/// "standardise" divides centred columns by their sample standard deviation.
[[nodiscard]] std::vector<double> singular_values_of(const linalg::Context& context,
                                                     const LayerInput& layer,
                                                     const MetricSpec& metric, Centring centring);

}  // namespace consilience::engine
