#pragma once
#include <span>

#include "engine/types/null_moments.h"
#include "engine/types/score.h"

namespace consilience::engine {

/// P(X >= value), or <= for a distance, of the Pearson type III law (a shifted gamma law, mirrored
/// for negative skewness) with these moments; the normal law below a skewness of 1e-4. Approximate:
/// a permutation null has more than three moments. NaN unless sd > 0 and the moments are known.
/// Source: Mielke and Berry, Permutation Methods, 2007.
[[nodiscard]] double pearson_three_tail(double value, const NullMoments& moments,
                                        bool larger_is_closer);

/// Third central moment / sd^3 of a sample (both over the number of values): what stands for the
/// skewness of metrics for which only mean and variance are known exactly (mutual k-NN). NaN for
/// fewer than 3 values or no spread. Its standard error is about sqrt(6 / values).
[[nodiscard]] double sample_skewness(std::span<const double> values);

/// Fills p_tail of `out`, where the score is of one layer pair: maxima have other moments. Unknown
/// skewness is estimated from null_maxima, which for one layer pair is the null of the score.
void pearson_three_tail(const PairScore& score, NullMoments moments, PairInference& out);

}  // namespace consilience::engine
