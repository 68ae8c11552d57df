#pragma once
#include "engine/inference/interval.h"
#include "engine/metrics/metric_input.h"
#include "kernels/base/backend.h"

namespace consilience::engine {

/// The delete-one interval of a score at its best layer pair, which is held: every sample (where
/// there are group ids: every group) is taken out in turn, from the queries and from all stored
/// lists, whose next neighbours move up. sd = sqrt((m - 1) / m * sum (s_j - mean)^2) over the m
/// deletions. Labelled conservative: it is too wide for neighbour scores (it covers 99 to 100 %).
/// Takes metrics that read graphs alone. There is a reason instead where lists are no longer than k
/// and a deletion leaves fewer, or where a score without some sample is undefined.
[[nodiscard]] Interval jackknife(const kernels::Context& context, const ModelInput& a,
                                 const ModelInput& b, const PairScore& score);

}  // namespace consilience::engine
