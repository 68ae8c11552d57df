#pragma once
#include "engine/metrics/kernel/layer_rows.h"
#include "kernels/base/backend.h"

namespace consilience::engine {

/// The median of the n (n - 1) / 2 distances |x_i - x_j|, i < j (of an even number the mean of the
/// two in the middle), exactly: up to 2^24 pairs at once, beyond that by a histogram of their
/// leading bits and a second pass over the bin in the middle.
[[nodiscard]] double median_distance(const kernels::Context& context, const LayerRows& rows);

/// The same with another number of pairs that are held at once.
[[nodiscard]] double median_distance(const kernels::Context& context, const LayerRows& rows,
                                     int64_t held_at_once);

}  // namespace consilience::engine
