#pragma once
#include <span>

#include "kernels/base/neighbor_call.h"

namespace consilience::kernels::cuda {

/// Ranks every one of `kinds` for every one of `queries` (rows of the query side) by exact scores,
/// block by block on the current device: the last tier, and what products cannot hold. best
/// [queries], begun or not.
void rank_densely(const NeighborCall& call, std::span<const int32_t> queries,
                  std::span<const int32_t> kinds, std::span<BestRows> best);

/// The whole gallery for these queries, outputs included.
void rank_all(const NeighborCall& call, std::span<const int32_t> queries);

}  // namespace consilience::kernels::cuda
