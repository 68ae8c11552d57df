#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace consilience::engine {

struct NullPlan {
  uint64_t seed = 1;
  int permutations = 200;
  std::vector<int32_t> blocks =
      {};  // [n]: rows move within their block only (class, group); or empty
};

/// The unit whose permutation a model gets: its modality across modalities, its name within one
/// (numerics, section 5). A model without a modality is a unit of its own.
[[nodiscard]] std::string null_unit(const std::string& model, const std::string& modality,
                                    const std::string& partner_modality);

/// [permutations][n]: what side a is relabelled by while side b stays. Row i goes to entry i.
using Relabellings = std::vector<std::vector<int32_t>>;

/// Relabelling p of both sides, pi(p, unit_a) on a and pi(p, unit_b) on b, as one of side a:
/// the inverse of pi(p, unit_b) after pi(p, unit_a). The same for all pairs of the two units: draw
/// once. Throws Error(never) when the units are equal (nothing would move), there are no
/// permutations, or blocks do not fit n.
[[nodiscard]] Relabellings draw_relabellings(const NullPlan& plan, const std::string& unit_a,
                                             const std::string& unit_b, int64_t n);

/// Whole groups change places, their rows in order: what is left of rows that are no independent
/// samples. Throws Error(never) naming a group when they are not all of one size.
[[nodiscard]] Relabellings draw_group_relabellings(const NullPlan& plan, const std::string& unit_a,
                                                   const std::string& unit_b,
                                                   const std::vector<int32_t>& groups);

}  // namespace consilience::engine
