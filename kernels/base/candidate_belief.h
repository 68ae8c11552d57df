#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>

#include "kernels/base/host_device.h"

/// What thresholds are believed from while rows are met, before proof (docs/numerics.md).
namespace consilience::kernels {

/// How far below its middle, in units of the bound, a score is believed to lie at most. The bound
/// is that of Cauchy and Schwarz; rounding errors point anywhere, so that a pair's is about 1 /
/// sqrt(2 d) of it. Seven times that is next to never exceeded. With few features it is the bound
/// itself.
inline float believed_error(int64_t features) {
  return std::min(1.0F, 5 / std::sqrt(static_cast<float>(features)));
}

/// So many of the `keep` best of n rows, at most, are believed to be among the first `seen`: the
/// order of rows is random. Four deviations of a Poisson count.
CONSILIENCE_HOST_DEVICE inline int64_t believed_rank(int64_t keep, int64_t seen, int64_t n) {
  if (seen >= n) return keep;
  const double mean =
      static_cast<double>(keep) * static_cast<double>(seen) / static_cast<double>(n);
  const auto rank = static_cast<int64_t>(mean + 4 * (sqrt(mean) + 1));
  return rank < keep ? rank : keep;
}

inline constexpr int64_t kWholeList = 16;  // lists are whole vectors

/// Candidates that a row has room for.
constexpr int64_t candidate_room(int k) {
  return (4 * (int64_t{k} + 1) + 84 + kWholeList - 1) / kWholeList * kWholeList;
}

/// At how many candidates a list of `count` is compacted next.
CONSILIENCE_HOST_DEVICE constexpr int64_t next_limit(int64_t count, int64_t room) {
  const int64_t more = 3 * count / 4 > 2 * kWholeList ? 3 * count / 4 : 2 * kWholeList;
  return count + more < room ? count + more : room;
}

/// Whether so many that could not be told apart leave too little room.
CONSILIENCE_HOST_DEVICE constexpr bool too_full(int64_t count, int64_t room) {
  return count > room - room / 4;
}

}  // namespace consilience::kernels
