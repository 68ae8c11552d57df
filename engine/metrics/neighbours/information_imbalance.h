#pragma once
#include "engine/metrics/prepared_grid.h"

namespace consilience::engine {

/// information_imbalance(direction, similarity): how far down the other space's order each row's
/// nearest neighbour stands.
[[nodiscard]] PreparedGrid prepare_information_imbalance(const kernels::Context& context,
                                                         const MetricSpec& metric,
                                                         const ModelInput& a, const ModelInput& b);

}  // namespace consilience::engine
