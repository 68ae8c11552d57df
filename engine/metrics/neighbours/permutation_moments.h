#pragma once
#include <cstdint>

#include "kernels/ops/overlap.h"

namespace consilience::engine {

/// What the moments need of a graph of k neighbours a row.
struct GraphCounts {
  int64_t n = 0;
  int64_t k = 0;
  int64_t reciprocal = 0;         // ordered pairs (i, j) that list each other
  int64_t in_degree_squares = 0;  // sum over rows of (how often it is listed)^2
};

[[nodiscard]] GraphCounts graph_counts(kernels::ListView lists, int k);

/// Of mutual k-NN over all n! relabellings of one side.
struct ListMoments {
  double mean;      // k / (n - 1)
  double variance;  // NaN for n < 4
};

/// Exact, without a permutation: the moments of the generalised Mantel (quadratic assignment)
/// statistic, sum over ordered pairs of [i lists j in A][r(i) lists r(j) in B] / (n k), from the
/// six ways in which two pairs can meet. Throws Error(never) when n or k differ or k >= n. Source:
/// Mantel, Cancer Research 1967; Barton and David, in Research Papers in Statistics, 1966.
[[nodiscard]] ListMoments permutation_moments(const GraphCounts& a, const GraphCounts& b);

}  // namespace consilience::engine
