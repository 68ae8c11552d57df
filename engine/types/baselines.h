#pragma once
#include <span>

#include "engine/types/study_result.h"

namespace consilience::engine {

/// The pair that comes closest among those where a baseline takes the place of a trained model.
struct StandIn {
  double value = kUnknown;           // its maximum over layers; NaN: none was compared
  const PairResult* pair = nullptr;  // into `pairs`
};

/// What random weights reach where a trained pair was compared: the closer of trained A x random B
/// and random A x trained B at the maximum over layers, over all twins that were compared under the
/// same metric and conditioning (numerics, section 5).
[[nodiscard]] StandIn random_baseline(std::span<const ModelSummary> models,
                                      std::span<const PairResult> pairs, const PairScore& trained);

/// What trivial encoders reach: one of A's modality in place of A, one of B's in place of B, or
/// both at once.
[[nodiscard]] StandIn trivial_baseline(std::span<const ModelSummary> models,
                                       std::span<const PairResult> pairs, const PairScore& trained);

/// Random-weights twins that were compared in place of each side of a trained pair.
struct TwinCount {
  int a = 0, b = 0;
};
[[nodiscard]] TwinCount count_twins(std::span<const ModelSummary> models,
                                    std::span<const PairResult> pairs, const PairScore& trained);

}  // namespace consilience::engine
