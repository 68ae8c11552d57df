#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/types/graph.h"
#include "engine/types/score.h"
#include "kernels/base/backend.h"

namespace consilience::engine {

struct NullPlan {
  uint64_t seed = 1;
  int permutations = 200;
  std::vector<int32_t> blocks;  // [n]: rows move within their block only (class, group); or empty
};

/// The unit whose permutation a model gets: its modality across modalities, its name within one
/// (numerics, section 5). Models without a modality are units of their own.
[[nodiscard]] std::string null_unit(const ModelGraphs& model, const ModelGraphs& partner);

/// Fills the null fields of `out`: the maximum over layers under `permutations` relabellings of the
/// samples, one permutation a unit and relabelling for all layers of a model, p of the observed
/// maximum. Counts are compared as integers. Nothing defined: everything stays NaN and null_maxima
/// empty. The same numbers for any thread count.
/// Throws Error(never) when the units are equal (nothing would move) or blocks do not fit n.
void permutation_null(const kernels::Context& context, const ModelGraphs& a, const ModelGraphs& b,
                      const MetricSpec& metric, const std::string& unit_a,
                      const std::string& unit_b, const NullPlan& plan, PairInference& out);

/// value - null mean of the maximum: what is left of a maximum after chance. NaN where either is.
[[nodiscard]] double excess(const PairScore& score, const PairInference& inference);

}  // namespace consilience::engine
