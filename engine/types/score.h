#pragma once
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "engine/types/metric_spec.h"
#include "kernels/base/matrix.h"

namespace consilience::engine {

/// One metric over every layer pair of two models.
struct PairScore {
  std::string model_a, model_b;
  std::vector<std::string> layers_a, layers_b;  // "<layer>/<pooling>"
  MetricSpec metric;
  int64_t n = 0;
  std::string conditioning;          // describe(...)
  Matrix<double> grid;               // [A, B], NaN where undefined
  std::vector<std::string> reasons;  // [A * B], "" where defined
  double chance = std::numeric_limits<double>::quiet_NaN();  // exact under relabelling, or NaN
  bool larger_is_closer = true;  // false: a distance, and `maximum` is the smallest
  int64_t best_a = -1, best_b = -1;  // where the maximum is; -1 when nothing is defined
  double maximum = std::numeric_limits<double>::quiet_NaN();
  double mean = std::numeric_limits<double>::quiet_NaN();  // over defined cells
  std::vector<double> per_sample;                          // [n] at the maximum
  std::string reason;                                      // why there is no maximum
  std::vector<std::string> remarks;                        // ranks kept, sampling errors
};

/// What permutations and half-splits say about the maximum of a PairScore.
struct PairInference {
  std::vector<double> null_maxima;  // [permutations] the maximum over layers of each relabelling
  double null_mean = std::numeric_limits<double>::quiet_NaN();
  double null_sd = std::numeric_limits<double>::quiet_NaN();
  double null_largest = std::numeric_limits<double>::quiet_NaN();
  double p =
      std::numeric_limits<double>::quiet_NaN();  // (1 + #{null >= value}) / (1 + permutations)
  double p_floor = std::numeric_limits<double>::quiet_NaN();  // 1 / (1 + permutations)
  double sd = std::numeric_limits<double>::quiet_NaN();       // half-splits
  double lo = std::numeric_limits<double>::quiet_NaN();
  double hi = std::numeric_limits<double>::quiet_NaN();
  std::string interval;         // "half-splits(25)" or ""
  std::string interval_reason;  // why there is none
};

/// A line of the tidy table (docs: store and tasks, end of section 2).
struct ScoreRow {
  std::string model_a, layer_a, pool_a, model_b, layer_b, pool_b, metric, params;
  int64_t n = 0;
  int k = 0;
  std::string conditioning;
  double value, chance, null_mean, null_sd, p, p_floor;
  std::string twin;  // "" | "a" | "b" | "both": which side has random weights
  double lo, hi;
  std::string interval, reason;
};

}  // namespace consilience::engine
