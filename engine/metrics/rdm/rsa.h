#pragma once
#include <string_view>

#include "engine/metrics/metric_input.h"
#include "engine/metrics/prepared_grid.h"
#include "engine/metrics/rdm/pair_vectors.h"

namespace consilience::engine {

/// All pairs are used up to so many rows (8,386,560 pairs, 67 MB a layer).
inline constexpr int64_t kRsaRowsWithAllPairs = 4096;
/// Pairs that are sampled beyond, unless the metric says how many.
inline constexpr int64_t kRsaSample = 262144;

/// "auto" or a whole number of pairs from 1,000 to 10^8.
[[nodiscard]] bool is_pair_count(std::string_view text);

/// Compares the dissimilarity matrices of two sides; reads `rdm` and `pairs`.
[[nodiscard]] PreparedGrid prepare_rsa_grid(const kernels::Context& context,
                                            const MetricSpec& metric, const ModelInput& a,
                                            const ModelInput& b, Comparison comparison);

/// The same as a Prepare function.
template <Comparison comparison>
PreparedGrid prepare_rsa(const kernels::Context& context, const MetricSpec& metric,
                         const ModelInput& a, const ModelInput& b) {
  return prepare_rsa_grid(context, metric, a, b, comparison);
}

}  // namespace consilience::engine
