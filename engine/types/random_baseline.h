#pragma once
#include <limits>
#include <span>
#include <string>

#include "engine/types/study_result.h"

namespace consilience::engine {

/// What random weights reach where a trained pair was compared.
struct RandomBaseline {
  double value = std::numeric_limits<double>::quiet_NaN();  // NaN: no twin was compared
  std::string model_a, model_b;                             // the pair that reached it
};

/// The larger of trained A x random B and random A x trained B at the maximum over layers, over all
/// twins that were compared under the same metric (numerics, section 5).
[[nodiscard]] RandomBaseline random_baseline(std::span<const ModelSummary> models,
                                             std::span<const PairResult> pairs,
                                             const PairScore& trained);

}  // namespace consilience::engine
