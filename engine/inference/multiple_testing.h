#pragma once
#include <span>
#include <vector>

namespace consilience::engine {

/// Benjamini-Hochberg adjusted p: min over p' >= p of p' m / rank(p'), at most 1. The share of
/// false ones among all pairs with adjusted p <= q is at most q on average, for independent or
/// positively dependent tests. NaN stays NaN and is not counted.
/// Source: Benjamini and Hochberg, J. R. Stat. Soc. B 57, 1995.
[[nodiscard]] std::vector<double> benjamini_hochberg(std::span<const double> p);

/// One pair of a study under relabellings that all pairs share.
struct FamilyMember {
  double value;
  std::span<const double> null;  // [permutations]: null_maxima
  bool larger_is_closer = true;
};

/// Family-wise p of every member: (1 + #{permutations whose largest t over all members >= t}) /
/// (1 + permutations), with t = (value - mean) / sd of the member's null and observed value
/// together, so that the observed study is one of K + 1 alike. Controls the chance of any false
/// rejection when no pair of the study is related; where some are, the others' p is approximate.
/// A member whose values are all equal has p = 1; one with a NaN has p = NaN and is left out.
/// Throws Error(never) when members have different numbers of permutations, or none.
/// Source: Westfall and Young, Resampling-based multiple testing, 1993 (single-step max T).
[[nodiscard]] std::vector<double> family_wise_p(std::span<const FamilyMember> members);

}  // namespace consilience::engine
