#pragma once
#include "engine/metrics/prepared_grid.h"

namespace consilience::engine {

/// cknna_eq16(k): centred by the row means over all samples.
[[nodiscard]] PreparedGrid prepare_cknna_eq16(const kernels::Context& context,
                                              const MetricSpec& metric, const ModelInput& a,
                                              const ModelInput& b);
/// cknna_eq16_row_mean_without_self(k): row means over l != i.
[[nodiscard]] PreparedGrid prepare_cknna_without_self(const kernels::Context& context,
                                                      const MetricSpec& metric, const ModelInput& a,
                                                      const ModelInput& b);
/// cknna_prh_code(k): HSIC_1 of masked kernels that are not centred.
[[nodiscard]] PreparedGrid prepare_cknna_prh_code(const kernels::Context& context,
                                                  const MetricSpec& metric, const ModelInput& a,
                                                  const ModelInput& b);

}  // namespace consilience::engine
