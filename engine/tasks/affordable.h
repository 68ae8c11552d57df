#pragma once
#include <cstddef>
#include <string>

#include "engine/inference/relabellings.h"
#include "engine/metrics/metric.h"

namespace consilience::engine {

/// What null and interval of one score may cost, unless `costly` asks for all. Metrics that
/// decompose a matrix for every layer pair get 39 permutations, enough for p < 0.05, and over more
/// than 16 layer pairs neither null nor interval. Beside a headline, metrics that read features are
/// made anew in every half for few layer pairs only.
struct Affordable {
  size_t permutations = 0;
  bool interval = true;
  std::string reason;  // why there is neither
};
[[nodiscard]] Affordable affordable(const MetricInfo& metric, size_t layer_pairs,
                                    size_t permutations, bool costly, bool headline = true);

/// The first `count` of them.
[[nodiscard]] std::span<const std::vector<int32_t>> first_of(const Relabellings& all, size_t count);

}  // namespace consilience::engine
