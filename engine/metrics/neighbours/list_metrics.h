#pragma once
#include "engine/metrics/prepared_grid.h"

namespace consilience::engine {

/// Metrics of the first k entries of two lists of one sample, averaged over the samples.
/// jaccard_knn(k): mean |n| / |u|.
[[nodiscard]] PreparedGrid prepare_jaccard_knn(const kernels::Context& context,
                                               const MetricSpec& metric, const ModelInput& a,
                                               const ModelInput& b);
/// lcs_knn(k): mean length of the longest common subsequence / k.
[[nodiscard]] PreparedGrid prepare_lcs_knn(const kernels::Context& context,
                                           const MetricSpec& metric, const ModelInput& a,
                                           const ModelInput& b);
/// edit_knn(k): 1 - mean Levenshtein distance / k.
[[nodiscard]] PreparedGrid prepare_edit_knn(const kernels::Context& context,
                                            const MetricSpec& metric, const ModelInput& a,
                                            const ModelInput& b);
/// rbo_knn(k, p): rank-biased overlap of two lists of one length, extrapolated.
[[nodiscard]] PreparedGrid prepare_rbo_knn(const kernels::Context& context,
                                           const MetricSpec& metric, const ModelInput& a,
                                           const ModelInput& b);
/// cycle_knn(A, B, k): share of samples i that are an A-neighbour of one of their B-neighbours.
[[nodiscard]] PreparedGrid prepare_cycle_knn(const kernels::Context& context,
                                             const MetricSpec& metric, const ModelInput& a,
                                             const ModelInput& b);

}  // namespace consilience::engine
