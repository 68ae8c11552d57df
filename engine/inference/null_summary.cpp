#include "engine/inference/null_summary.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace consilience::engine {

NullSummary summarise_null(double observed, std::span<const double> null, bool larger_is_closer) {
  const auto count = static_cast<double>(null.size());
  NullSummary out{};
  out.mean = std::accumulate(null.begin(), null.end(), 0.0) / count;
  double squares = 0;
  for (const double value : null) squares += (value - out.mean) * (value - out.mean);
  out.sd =
      null.size() > 1 ? std::sqrt(squares / (count - 1)) : std::numeric_limits<double>::quiet_NaN();
  out.furthest = larger_is_closer ? std::ranges::max(null) : std::ranges::min(null);
  const double sign = larger_is_closer ? 1 : -1;
  const double slack = 1e-12 * std::max(1.0, std::abs(observed));
  const auto reached = std::ranges::count_if(
      null, [&](double value) { return sign * value >= sign * observed - slack; });
  out.p = (1 + static_cast<double>(reached)) / (1 + count);
  out.p_floor = 1 / (1 + count);
  return out;
}

}  // namespace consilience::engine
