#pragma once
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "engine/types/metric_spec.h"
#include "kernels/base/matrix.h"

namespace consilience::engine {

inline constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

/// One metric over every layer pair of two models.
struct PairScore {
  std::string model_a, model_b;
  std::vector<std::string> layers_a, layers_b;  // "<layer>/<pooling>"
  MetricSpec metric;
  int64_t n = 0;
  std::string conditioning;          // describe(...)
  Matrix<double> grid;               // [A, B], NaN where undefined
  std::vector<std::string> reasons;  // [A * B], "" where defined
  double chance = kUnknown;          // exact under relabelling, or NaN
  bool larger_is_closer = true;      // false: a distance, and `maximum` is the smallest
  int64_t best_a = -1, best_b = -1;  // where the maximum is; -1 when nothing is defined
  double maximum = kUnknown;
  double mean = kUnknown;            // over defined cells
  std::vector<double> per_sample;    // [n] at the maximum
  std::string reason;                // why there is no maximum
  std::vector<std::string> remarks;  // ranks kept, sampling errors
};

/// "mutual_knn(k=10, n=1024, clamp=0.95/layer, l2)": a name with all that the value depends on.
[[nodiscard]] std::string printed_name(const MetricSpec& metric, int64_t n,
                                       const std::string& conditioning);
[[nodiscard]] std::string printed_name(const PairScore& score);

/// Another statistic of the layer grid under the same relabellings.
struct GridStatistic {
  std::string name;  // "mean", "mean of the best 5"
  double value = kUnknown, null_mean = kUnknown, null_sd = kUnknown, p = kUnknown;
};

/// What permutations and half-splits say about the maximum of a PairScore.
struct PairInference {
  std::vector<double> null_maxima;  // [permutations] the maximum over layers of each relabelling
  double null_mean = kUnknown;
  double null_sd = kUnknown;
  double null_largest = kUnknown;
  double p = kUnknown;           // (1 + #{null >= value}) / (1 + permutations)
  double p_floor = kUnknown;     // 1 / (1 + permutations)
  double z = kUnknown;           // (value - null mean) / null sd
  double corrected = kUnknown;   // (value - null mean) / (largest possible - null mean)
  double threshold = kUnknown;   // what 1 - alpha of the null and the value together stay below
  double calibrated = kUnknown;  // (value - threshold) / (largest possible - threshold), in 0 .. 1
  double p_bh = kUnknown;        // Benjamini-Hochberg over the study's trained pairs; not stored
  double p_fwer = kUnknown;      // by the maximum over the study's trained pairs; not stored
  double p_tail = kUnknown;      // Pearson III from exact moments, one layer pair; approximate
  std::vector<GridStatistic> others;

  /// Rows moved within their class only: what classes alone explain.
  double class_null_mean = kUnknown, class_null_sd = kUnknown, class_p = kUnknown;
  std::string class_reason;  // why there is none

  std::vector<double> half_values;  // [2 splits] the maximum in both halves of each split
  double sd = kUnknown;             // half-splits
  double lo = kUnknown;
  double hi = kUnknown;
  std::string interval;         // "half-splits(25)" or ""
  std::string interval_reason;  // why there is none
};

/// A line of the tidy table (docs: store and tasks, end of section 2).
struct ScoreRow {
  std::string model_a, layer_a, pool_a, model_b, layer_b, pool_b, metric, params;
  int64_t n = 0;
  int k = 0;
  std::string conditioning;
  double value, chance, null_mean, null_sd, p, p_floor, p_bh, p_fwer;
  std::string twin;  // "" | "a" | "b" | "both": which side has random weights
  double lo, hi;
  std::string interval, reason;
};

}  // namespace consilience::engine
