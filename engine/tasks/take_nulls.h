#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "engine/inference/interval.h"
#include "engine/metrics/prepared_grid.h"
#include "engine/types/score.h"

namespace consilience::engine {

/// What relabellings say of a score: both nulls, calibration, and the tail of a single layer pair
/// whose moments are known. Empty relabellings leave their fields as they are.
void take_nulls(const kernels::Context& context, const PreparedGrid& grid, const PairScore& score,
                std::span<const std::vector<int32_t>> relabellings,
                std::span<const std::vector<int32_t>> within_class, double alpha,
                PairInference& out);

/// The interval of a kind that reads the whole graphs: jackknife or query bootstrap. Others leave
/// `out` as it is.
void take_whole_graph_interval(const kernels::Context& context, IntervalKind kind,
                               const ModelInput& a, const ModelInput& b, const PairScore& score,
                               PairInference& out);

}  // namespace consilience::engine
