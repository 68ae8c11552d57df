#pragma once
#include "engine/metrics/metric_input.h"
#include "engine/metrics/prepared_grid.h"

namespace consilience::engine {

/// Minibatch CKA (Nguyen, Raghu, Kornblith 2021): HSIC_1 of linear kernels averaged over batches of
/// consecutive rows, then the ratio.
[[nodiscard]] PreparedGrid prepare_cka_linear_minibatch(const kernels::Context& context,
                                                        const MetricSpec& metric,
                                                        const ModelInput& a, const ModelInput& b);

}  // namespace consilience::engine
