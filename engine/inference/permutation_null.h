#pragma once
#include "engine/inference/relabellings.h"
#include "engine/metrics/prepared_grid.h"
#include "engine/types/score.h"

namespace consilience::engine {

/// Fills the null fields of `out`: the maximum over layers under every relabelling (the same one
/// for all layers of a model; of a distance the smallest), p of the observed maximum, and the same
/// for the mean and the mean of the best 5 cells. Values that equal the observed one to 1e-12 count
/// as reaching it. When no layer pair is defined the fields stay as they are. The same numbers for
/// any thread count. Throws Error(never) when relabellings are not of n rows.
void permutation_null(const kernels::Context& context, const PreparedGrid& grid,
                      const PairScore& score, std::span<const std::vector<int32_t>> relabellings,
                      PairInference& out);

/// The null of rows that move within their class only: fills class_null_mean, class_null_sd and
/// class_p. Its mean is what agreement on classes explains; value - mean is left for instances.
void within_class_null(const kernels::Context& context, const PreparedGrid& grid,
                       const PairScore& score, std::span<const std::vector<int32_t>> relabellings,
                       PairInference& out);

}  // namespace consilience::engine
