#include "engine/inference/interval.h"

#include <utility>

#include "kernels/base/error.h"

namespace consilience::engine {

Interval interval_around(double value, double sd, std::string label) {
  constexpr double kNormal95 = 1.96;
  return {sd, value - kNormal95 * sd, value + kNormal95 * sd, std::move(label), ""};
}

void set_interval(const Interval& interval, PairInference& out) {
  out.sd = interval.sd;
  out.lo = interval.lo;
  out.hi = interval.hi;
  out.interval = interval.label;
  out.interval_reason = interval.reason;
}

IntervalKind parse_interval_kind(std::string_view text) {
  if (text == "none") return IntervalKind::none;
  if (text == "half-splits") return IntervalKind::half_splits;
  if (text == "jackknife") return IntervalKind::jackknife;
  if (text == "query-bootstrap") return IntervalKind::query_bootstrap;
  if (text == "row-bootstrap")
    fail(Failure::usage,
         "row-bootstrap: resampled rows hold copies, and copies are nearest neighbours of each "
         "other in both spaces, so unrelated models would seem to agree; use half-splits, "
         "jackknife (conservative) or query-bootstrap (this gallery only)");
  fail(Failure::usage,
       "unknown interval '{}'; expected none, half-splits, jackknife or query-bootstrap", text);
}

}  // namespace consilience::engine
