#pragma once
#include <string>
#include <vector>

#include "engine/inference/interval.h"
#include "engine/inference/ladder.h"
#include "engine/inference/paired_comparison.h"
#include "engine/tasks/view_side.h"
#include "engine/types/conditioning.h"
#include "engine/types/features.h"
#include "engine/types/study_result.h"
#include "kernels/base/backend.h"

namespace consilience::engine {

/// Features with a name, and what they stand for: "trained", or a baseline: "random" or "trivial".
struct NamedFeatures {
  std::string name;
  const FeatureView* features = nullptr;
  std::string role = "trained";
};

struct CompareRequest {
  Conditioning conditioning;
  std::vector<MetricSpec> metrics = {
      MetricSpec{}};  // the first is the headline: it gets the ladder
  SampleLabels labels;
  std::vector<NamedFeatures> baselines_a, baselines_b;  // in place of a, of b
  uint64_t seed = 1;
  int permutations = 200;  // 0: no null
  int splits = 25;         // 0: no interval
  IntervalKind interval = IntervalKind::half_splits;
  double alpha = 0.05;
  LadderWords words = {};
  bool whole_groups = false;  // permutations move sibling groups as wholes
  bool costly =
      false;  // nulls and intervals also where a metric decomposes matrices per layer pair
};

/// Compares two sets of features in memory, all layers of both: row i of both is the same sample.
/// Nothing is stored; `layers` of the result says what was met in each layer, `pairs` has one entry
/// a metric and behind them the baselines under the first metric. Throws Error(never) for different
/// row counts, or when the first metric's k >= n.
[[nodiscard]] StudyResult compare_views(const kernels::Context& context, const NamedFeatures& a,
                                        const NamedFeatures& b, const CompareRequest& request);

/// Which of a and b is closer to c, under the first metric.
[[nodiscard]] PairedComparison compare_paired(const kernels::Context& context,
                                              const NamedFeatures& a, const NamedFeatures& b,
                                              const NamedFeatures& c,
                                              const CompareRequest& request);

}  // namespace consilience::engine
