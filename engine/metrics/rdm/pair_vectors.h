#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace consilience::engine {

/// How two vectors of dissimilarities are compared.
enum class Comparison { pearson, spearman, cosine, kendall };

/// Squared distances, or halves of them, rounded to 40 bits (12 digits), what equal rows leave to
/// 0: those that are equal in mathematics then tie whatever the rounding, at any scale. To bits,
/// not decimals: features are short binary fractions, whose squared distances are never halfway.
[[nodiscard]] std::vector<double> with_ties(std::span<const double> squares);

/// Ranks from 1; equal values share the mean of theirs.
[[nodiscard]] std::vector<double> average_ranks(std::span<const double> values);

/// Makes entries ready in place: for kendall with_ties; else a vector of norm 1 whose inner product
/// with another is the score (spearman: of the ranks of with_ties; all but cosine: centred).
/// Returns why there is none, or "".
[[nodiscard]] std::string make_comparable(Comparison comparison, std::span<double> entries);

}  // namespace consilience::engine
