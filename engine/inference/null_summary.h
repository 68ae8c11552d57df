#pragma once
#include <span>

namespace consilience::engine {

/// A null distribution and where an observed value stands in it.
struct NullSummary {
  double mean, sd;  // sd over values - 1; NaN for a single value
  double furthest;  // the largest (of a distance: the smallest)
  double p;         // (1 + #{null at least as extreme}) / (1 + values)
  double p_floor;   // 1 / (1 + values)
};

/// Values that equal the observed one to 1e-12 count as reaching it: sums in another order round
/// differently. `null` is not empty.
[[nodiscard]] NullSummary summarise_null(double observed, std::span<const double> null,
                                         bool larger_is_closer);

}  // namespace consilience::engine
