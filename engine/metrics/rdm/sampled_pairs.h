#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "engine/metrics/kernel/pairwise_layer.h"
#include "kernels/base/backend.h"
#include "kernels/base/matrix.h"

namespace consilience::engine {

/// Pairs i > j of rows.
struct RowPairs {
  std::vector<int32_t> i, j;
  [[nodiscard]] int64_t count() const { return std::ssize(i); }
};

/// `count` of the n (n - 1) / 2 pairs, drawn with replacement by Philox: the same for every study,
/// layer and metric.
[[nodiscard]] RowPairs sample_pairs(int64_t n, int64_t count);

/// [layers, count]: entries of the pairs; row place[i] of a layer stands at place i.
[[nodiscard]] Matrix<double> sampled_entries(const kernels::Context& context,
                                             std::span<const PairwiseLayer> layers,
                                             const RowPairs& pairs, std::span<const int32_t> place);

}  // namespace consilience::engine
