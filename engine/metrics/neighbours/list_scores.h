#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "engine/metrics/neighbours/row_sums.h"

/// What two lists of distinct rows have in common, one sample at a time.
namespace consilience::engine {

/// How many rows both name.
[[nodiscard]] int64_t shared_rows(const ListPair& lists);

/// The longest common subsequence: entries of a list are distinct, so it is the longest increasing
/// run of the places in b that a's entries have. `tails`: scratch.
[[nodiscard]] int64_t longest_common(const ListPair& lists, std::vector<int32_t>& tails);

/// The Levenshtein distance: insertions, deletions and replacements. `row`: scratch.
[[nodiscard]] int64_t edit_distance(const ListPair& lists, std::vector<int32_t>& row);

/// Rank-biased overlap of two lists of one length k, extrapolated: the agreement at depth k is
/// taken to go on for ever. RBO_EXT = X_k p^k / k + (1 - p) / p sum_{d=1..k} p^d X_d / d, with X_d
/// the rows that both name in their first d. `weights` [k]: (1 - p) p^(d - 1) / d; `last`: p^k / k;
/// `entering`: scratch.
[[nodiscard]] double rank_biased_overlap(const ListPair& lists, std::span<const double> weights,
                                         double last, std::vector<int32_t>& entering);

}  // namespace consilience::engine
