#pragma once
#include <string>

#include "engine/types/conditioning.h"
#include "engine/types/features.h"
#include "engine/types/study_result.h"
#include "kernels/base/backend.h"

namespace consilience::engine {

struct CompareRequest {
  Conditioning conditioning;
  MetricSpec metric;
  uint64_t seed = 1;
  int permutations = 200;  // 0: no null
  int splits = 25;         // 0: no interval
};

/// Compares two sets of features in memory, all layers of both: row i of both is the same sample.
/// Nothing is stored; `study.layers` says what was met in each layer, `study.pairs` has the one
/// pair. Throws Error(never) for different row counts or k >= n.
[[nodiscard]] StudyResult compare_views(const kernels::Context& context, const std::string& name_a,
                                        const FeatureView& a, const std::string& name_b,
                                        const FeatureView& b, const CompareRequest& request);

}  // namespace consilience::engine
