#pragma once
#include <string>

#include "engine/types/graph.h"
#include "engine/types/score.h"
#include "kernels/base/backend.h"

namespace consilience::engine {

/// Scores every layer pair of two models. `conditioning`: describe(...), what the name prints.
/// Cells that are undefined (either graph has a reason, k >= n) are NaN with the reason. The
/// maximum is the first one in row-major order. Throws Error(never) when the models have different
/// rows or a graph keeps fewer than k neighbours although n allows more.
[[nodiscard]] PairScore score_pair(const kernels::Context& context, const ModelGraphs& a,
                                   const ModelGraphs& b, const MetricSpec& metric,
                                   const std::string& conditioning);

}  // namespace consilience::engine
