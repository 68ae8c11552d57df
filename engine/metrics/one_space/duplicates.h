#pragma once
#include "engine/metrics/prepared_grid.h"

namespace consilience::engine {

/// Share of rows that equal an earlier row.
PreparedGrid prepare_exact_duplicates(const kernels::Context& context, const MetricSpec& metric,
                                      const ModelInput& a, const ModelInput& b);
/// Share of rows whose nearest other row has at least this cosine.
PreparedGrid prepare_near_duplicates(const kernels::Context& context, const MetricSpec& metric,
                                     const ModelInput& a, const ModelInput& b);

}  // namespace consilience::engine
