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
  std::vector<int32_t> blocks =
      {};  // [n]: rows move within their block only (class, group); or empty
};

/// The unit whose permutation a model gets: its modality across modalities, its name within one
/// (numerics, section 5). A model without a modality is a unit of its own.
[[nodiscard]] std::string null_unit(const ModelGraphs& model, const ModelGraphs& partner);

/// [permutations][n]: what side a is relabelled by while side b stays. Row i goes to entry i.
using Relabellings = std::vector<std::vector<int32_t>>;

/// Relabelling p of both sides, pi(p, unit_a) on a and pi(p, unit_b) on b, as one of side a:
/// the inverse of pi(p, unit_b) after pi(p, unit_a). The same for all pairs of the two units: draw
/// once. Throws Error(never) when the units are equal (nothing would move), there are no
/// permutations, or blocks do not fit n.
[[nodiscard]] Relabellings draw_relabellings(const NullPlan& plan, const std::string& unit_a,
                                             const std::string& unit_b, int64_t n);

/// Fills the null fields of `out`: the maximum over layers under every relabelling (the same one
/// for all layers of a model), and p of the observed maximum; counts are compared as integers. When
/// no layer pair is defined the fields stay as they are. The same numbers for any thread count.
/// Throws Error(never) when relabellings are not of n rows.
void permutation_null(const kernels::Context& context, const ModelGraphs& a, const ModelGraphs& b,
                      const MetricSpec& metric, const Relabellings& relabellings,
                      PairInference& out);

/// value - null mean of the maximum: what is left of a maximum after chance. NaN where either is.
[[nodiscard]] double excess(const PairScore& score, const PairInference& inference);

}  // namespace consilience::engine
