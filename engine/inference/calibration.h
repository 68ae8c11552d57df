#pragma once
#include <optional>
#include <span>

#include "engine/types/score.h"

namespace consilience::engine {

/// Where a score stands against its null. NaN where undefined.
struct Calibration {
  double p = kUnknown;           // (1 + #{null at least as extreme}) / (1 + null)
  double threshold = kUnknown;   // tau
  double calibrated = kUnknown;  // in 0 .. 1; without a best value in the score's own units, >= 0
  double corrected = kUnknown;  // 1 at the best value, 0 at the null mean; NaN without a best value
  double z = kUnknown;          // positive: closer than the null mean
};

/// tau = order statistic ceil((1 - alpha)(K + 1)) of the K null values and the observed one
/// together, calibrated = clip((s - tau) / (best - tau), 0, 1), corrected = (s - null mean) /
/// (best - null mean). `best`: the value that nothing can beat; without one calibrated =
/// max(0, s - tau). The nulls of a maximum over layers (the same relabelling for all layers) make
/// this the aggregation-aware form.
/// A distance is mirrored: the order statistic counts from the largest value down, so that tau is
/// what 1 - alpha of the values exceed, best is usually 0, and the ratios are the same expressions
/// (both of their parts change sign); max(0, tau - s) without a best value.
/// Everything is NaN when the score or a null value is NaN or there is no null.
/// Source: Groeger, Wen, Brbic, arXiv 2602.14486, algorithms 1 and 2.
[[nodiscard]] Calibration calibrate(double value, std::span<const double> null, double alpha,
                                    std::optional<double> best, bool larger_is_closer);

/// Fills threshold, calibrated, corrected and z of `out` from its null_maxima. The best value is
/// the end of the metric's range where that is finite.
void calibrate(const PairScore& score, double alpha, PairInference& out);

}  // namespace consilience::engine
