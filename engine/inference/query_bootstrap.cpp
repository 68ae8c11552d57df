#include "engine/inference/query_bootstrap.h"

#include <cmath>
#include <numeric>
#include <unordered_map>

#include "kernels/base/error.h"

namespace consilience::engine {

Interval query_bootstrap(std::span<const double> per_sample, std::span<const int32_t> groups) {
  expect(groups.empty() || groups.size() == per_sample.size(), "{} group ids for {} rows",
         groups.size(), per_sample.size());
  if (per_sample.empty()) {
    Interval none;
    none.reason = "the score is no mean over samples";
    return none;
  }
  const auto n = static_cast<double>(per_sample.size());
  const double mean = std::accumulate(per_sample.begin(), per_sample.end(), 0.0) / n;
  std::unordered_map<int64_t, double> deviation;  // of each group
  for (size_t i = 0; i < per_sample.size(); ++i)
    deviation[groups.empty() ? static_cast<int64_t>(i) : groups[i]] += per_sample[i] - mean;
  double squares = 0;
  for (const auto& [group, sum] : deviation) squares += sum * sum;
  return interval_around(mean, std::sqrt(squares) / n, "query bootstrap (this gallery only)");
}

}  // namespace consilience::engine
