#pragma once
#include <string>
#include <vector>

#include "engine/inference/half_splits.h"

namespace consilience::engine {

/// Is A closer to C than B is? H0: E[s(A, C) - s(B, C)] = 0 over items.
struct PairedComparison {
  double value_a = kUnknown;  // s(A, C), layers cross-fitted
  double value_b = kUnknown;  // s(B, C), likewise; C's layer is chosen for each anew
  double difference = kUnknown;
  double sd = kUnknown, lo = kUnknown, hi = kUnknown;  // of the difference, 95 %
  double p = kUnknown;                                 // two-sided, normal
  std::vector<double> half_differences;                // [2 splits]
  std::string interval;                                // "half-splits(25)"
  std::string reason;                                  // why there is none
};

/// Layers are cross-fitted (see cross_fit.h) over the halves of the queries. For the interval the
/// whole comparison is made again inside both halves of the samples of each split, with the half's
/// own neighbours and with the other splits parting its queries:
/// sd = sqrt(mean over splits of (D_0 - D_1)^2 / 4), difference +- 1.96 sd, p = P(|Z| > |D| / sd).
///
/// Signs of rows are not flipped, although that is the usual paired test: rows share neighbours, so
/// their differences are not independent, and under H0 only the expected difference is 0, not each
/// row's law symmetric.
///
/// Takes metrics with scores per sample, and for graphs of k neighbours halves of at least 10 k
/// rows (a reason otherwise): in smaller ones k neighbours are too large a share of the half for
/// its spread to say how the whole spreads, and p <= 0.05 was measured in up to 17 % of null cases
/// (n = 64, k = 10, hubs). Half-graphs may be null where the metric reads no graphs. Throws
/// Error(never) for fewer than two splits.
[[nodiscard]] PairedComparison paired_comparison(const kernels::Context& context,
                                                 const MetricSpec& metric, const HalvedModel& a,
                                                 const HalvedModel& b, const HalvedModel& c,
                                                 const HalfSplits& splits);

}  // namespace consilience::engine
