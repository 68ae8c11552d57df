#pragma once
#include "engine/metrics/metric_input.h"
#include "engine/metrics/prepared_grid.h"
#include "engine/metrics/rdm/pair_vectors.h"
#include "engine/metrics/rdm/rdm_sides.h"

namespace consilience::engine {

/// Compares entries of `count` sampled pairs; a remark states the standard error that this adds.
[[nodiscard]] PreparedGrid sampled_grid(const kernels::Context& context, const ModelInput& a,
                                        const ModelInput& b, RdmSides sides, Comparison comparison,
                                        int64_t count);

}  // namespace consilience::engine
