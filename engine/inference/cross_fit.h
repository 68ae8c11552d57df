#pragma once
#include "engine/inference/half_splits.h"
#include "engine/metrics/prepared_grid.h"

namespace consilience::engine {

/// Scores of every layer pair summed over the queries of each half, neighbours as they are:
/// [A * B, 2 splits], NaN where undefined. Takes every metric with scores per sample
/// (PreparedGrid::per_sample); a layer pair's scores are made once and added to all halves.
/// `layers_b`: B. Throws Error(never) for a metric without, or splits of other rows.
[[nodiscard]] Matrix<double> query_half_sums(const PreparedGrid& grid, int64_t layers_b,
                                             const HalfSplits& splits);

/// The score with every query at the layer pair that is best over the other half of the queries,
/// averaged over splits: chosen on one half, scored on the other, both ways. With one layer pair it
/// is the score itself. NaN when no layer pair is defined. `n`: queries.
/// A maximum over layers is too high by what choosing gains; this is not.
[[nodiscard]] double cross_fitted(const Matrix<double>& half_sums, int64_t n,
                                  bool larger_is_closer);

}  // namespace consilience::engine
