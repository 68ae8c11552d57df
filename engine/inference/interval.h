#pragma once
#include <string>
#include <string_view>

#include "engine/types/score.h"

namespace consilience::engine {

/// A 95 % interval, value +- 1.96 sd, and what it claims.
struct Interval {
  double sd = kUnknown, lo = kUnknown, hi = kUnknown;
  std::string label;   // "half-splits(25)", "jackknife (conservative)" ..
  std::string reason;  // why there is none
};

[[nodiscard]] Interval interval_around(double value, double sd, std::string label);

/// Into the interval fields of `out`.
void set_interval(const Interval& interval, PairInference& out);

enum class IntervalKind { none, half_splits, jackknife, query_bootstrap };

/// "none", "half-splits", "jackknife", "query-bootstrap". Throws Error(usage) listing them, and for
/// "row-bootstrap" saying why there is none: a row drawn twice is its own nearest neighbour in both
/// spaces, so resampled rows agree whatever the models are (at n = 1,024 and k = 10 independent
/// features score 0.107 instead of 0.0098).
[[nodiscard]] IntervalKind parse_interval_kind(std::string_view text);

}  // namespace consilience::engine
