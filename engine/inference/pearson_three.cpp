#include "engine/inference/pearson_three.h"

#include <cmath>
#include <numbers>
#include <numeric>

#include "engine/inference/incomplete_gamma.h"

namespace consilience::engine {
namespace {

constexpr double kLeastSkewness = 1e-4;

/// P(Z >= z) of the standardised law.
double upper_tail(double z, double skewness) {
  if (std::abs(skewness) < kLeastSkewness) return 0.5 * std::erfc(z / std::numbers::sqrt2);
  const double shape = 4 / (skewness * skewness);
  // |skewness| / 2 * Z = sign * (G - shape) / shape, G gamma(shape).
  const double offset = z * 2 / std::abs(skewness);
  return skewness > 0 ? gamma_tails(shape, shape + offset).upper
                      : gamma_tails(shape, shape - offset).lower;
}

}  // namespace

double pearson_three_tail(double value, const NullMoments& moments, bool larger_is_closer) {
  if (!(moments.sd > 0) || std::isnan(moments.mean) || std::isnan(moments.skewness) ||
      std::isnan(value))
    return kUnknown;
  const double sign = larger_is_closer ? 1 : -1;
  return upper_tail(sign * (value - moments.mean) / moments.sd, sign * moments.skewness);
}

double sample_skewness(std::span<const double> values) {
  if (values.size() < 3) return kUnknown;
  const auto count = static_cast<double>(values.size());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / count;
  double second = 0;
  double third = 0;
  for (const double value : values) {
    const double d = value - mean;
    second += d * d / count;
    third += d * d * d / count;
  }
  return second > 0 ? third / std::pow(second, 1.5) : kUnknown;
}

void pearson_three_tail(const PairScore& score, NullMoments moments, PairInference& out) {
  if (score.grid.values().size() != 1) return;
  if (std::isnan(moments.skewness)) moments.skewness = sample_skewness(out.null_maxima);
  out.p_tail = pearson_three_tail(score.maximum, moments, score.larger_is_closer);
}

}  // namespace consilience::engine
