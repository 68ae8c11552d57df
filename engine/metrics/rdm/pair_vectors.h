#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace consilience::engine {

/// How two vectors of dissimilarities are compared.
enum class Comparison { pearson, spearman, cosine, kendall };

/// Entries in whole steps of 2^(e - 40), 2^e the power of two of the largest (12 digits): distances
/// that are equal in mathematics then tie whatever the rounding, at any scale. Binary steps, since
/// features are short binary fractions: their distances never lie halfway between two.
[[nodiscard]] std::vector<double> tie_steps(std::span<const double> entries);

/// Ranks from 1; equal values share the mean of theirs.
[[nodiscard]] std::vector<double> average_ranks(std::span<const double> values);

/// Makes entries ready in place: for kendall tie_steps; else a vector of norm 1 whose inner product
/// with another is the score (spearman: of the ranks of tie_steps; all but cosine: centred).
/// Returns why there is none, or "".
[[nodiscard]] std::string make_comparable(Comparison comparison, std::span<double> entries);

}  // namespace consilience::engine
