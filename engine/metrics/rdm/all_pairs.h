#pragma once
#include "engine/metrics/metric_input.h"
#include "engine/metrics/prepared_grid.h"
#include "engine/metrics/rdm/pair_vectors.h"
#include "engine/metrics/rdm/rdm_sides.h"

namespace consilience::engine {

/// Compares all n (n - 1) / 2 entries; they are kept, so that a relabelling is a gather.
[[nodiscard]] PreparedGrid all_pairs_grid(const kernels::Context& context, const ModelInput& a,
                                          const ModelInput& b, RdmSides sides,
                                          Comparison comparison);

}  // namespace consilience::engine
