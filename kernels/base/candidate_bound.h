#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "kernels/base/host_device.h"
#include "kernels/ops/condition.h"

/// How far a candidate score in low precision can be from the exact one (docs/numerics.md has the
/// proof). Row i stands for r_i, kept as r^_i = q_i a_i with q_i in f32:
///   y_ij = a_i . a_j,  t_ij = q_i q_j y_ij + a_j',  |t_ij - (s(i, j) - level_i)| <= E_ij
///   E_ij <= q_i q_j (h_i + h_j) + slack_j + own_i
/// Every number here is rounded up.
namespace consilience::kernels {

/// f32 products are summed in chains of at most so many terms, and the chains then in f32.
inline constexpr int64_t kChain = 512;

/// g of f32 multiply-adds. One more than the longest chain of dependent additions, so that it also
/// holds where a multiply-add rounds twice.
constexpr double product_error(int64_t d) {
  const auto h = static_cast<double>(std::min(d, kChain) + (d + kChain - 1) / kChain + 1);
  return h * 0x1p-24 / (1 - h * 0x1p-24);
}

/// What turning y into t and comparing it with a threshold in f32 can lose, relative to the terms.
inline constexpr double kFilterError = 0x1p-20;

/// Squared, what the double score itself and the sums that turn s into t can lose of (|z_i| + |m'|)
/// (|z_j| + |m'|), up to d = 16,384.
inline constexpr double kReachError = 0x1p-19;

inline constexpr float kRoundingRoom = 1 + 0x1p-20F;  // what f32 can lose of an error
inline constexpr float kEverything = -0x1p100F;       // a threshold below every score
inline constexpr float kNothing = 0x1p100F;           // and one above
inline constexpr float kFilled = -0x1p120F;           // an offset that no threshold lets through

/// Of a row's scale, where 1 is typical of a row's norm: tiny rows do not make others' reach large.
inline constexpr int kSmallestExponent = -24;

CONSILIENCE_HOST_DEVICE inline float round_up(double x) {
  const auto nearest = static_cast<float>(x);
  if (static_cast<double>(nearest) >= x) return nearest;
  return nextafterf(nearest, std::numeric_limits<float>::infinity());
}

CONSILIENCE_HOST_DEVICE inline float round_down(double x) { return -round_up(-x); }

/// One row z less m', times a power of two.
struct Residual {
  double norm = 0;    // |r|
  double reach = 0;   // |z| + |m'|, in the same unit
  double offset = 0;  // m' . r; euclidean: -|r|^2 / 2
  double level = 0;   // m' . z; euclidean: -|r|^2 / 2: s(i, j) = r_i . r_j + offset_j + level_i

  /// Whether all of it fits f32.
  [[nodiscard]] CONSILIENCE_HOST_DEVICE bool usable() const {
    constexpr double kLargest = 0x1p30;
    constexpr double kLargestTerm = 0x1p60;
    return norm <= kLargest && reach <= kLargestTerm && fabs(offset) <= kLargestTerm &&
           fabs(level) <= kLargestTerm;
  }
};

/// One row in units of its scale q.
struct ScaledNorms {
  double error = 0;  // |r - r^| / q
  double norm = 0;   // max(|r|, |r^|) / q
  double reach = 0;  // kReachError (|z| + |m'|) / q
};

/// The largest of each over all rows that meet.
inline ScaledNorms largest_of(const ScaledNorms& a, const ScaledNorms& b) {
  return {std::max(a.error, b.error), std::max(a.norm, b.norm), std::max(a.reach, b.reach)};
}

/// h of a row, so that for any two rows
///   error_i norm_j + norm_i error_j + g norm_i norm_j + reach_i reach_j <= h_i + h_j.
/// The sum of two numbers keeps the filter at one addition a pair.
CONSILIENCE_HOST_DEVICE inline float pair_error(const ScaledNorms& row, const ScaledNorms& largest,
                                                double g) {
  const double h = row.norm * (largest.error + (g + kFilterError) * largest.norm / 2) +
                   row.reach * largest.reach / 2;
  return round_up(h * (1 + kFilterError));
}

/// What bounds the scores of one row, but for h.
struct RowBound {
  ScaledNorms norms;
  float offset = kFilled;  // a' + slack: the upper end
  float slack = 0;         // twice slack
  float own = 0;           // twice own
};

/// `lost`: |r - r^| or more; q: the row's scale.
CONSILIENCE_HOST_DEVICE inline RowBound row_bound(const Residual& residual, double lost, double q,
                                                  Similarity similarity) {
  RowBound bound;
  bound.norms = {lost / q, (residual.norm + lost) / q, kReachError * residual.reach / q};
  const double squares =
      similarity == Similarity::euclidean ? 0x1p-40 * residual.norm * residual.norm : 0.0;
  const double doubt = kFilterError * fabs(residual.offset) + squares;
  bound.offset = round_up(residual.offset + doubt);
  bound.slack = round_up(2 * doubt * (1 + kFilterError) +
                         kFilterError * fabs(static_cast<double>(bound.offset)));
  bound.own = round_up(2 * squares);
  return bound;
}

/// The threshold that lets through all that may reach `value`, for a row with this `own`.
CONSILIENCE_HOST_DEVICE inline float safe_threshold(double value, float own) {
  return round_down(value - kFilterError * fabs(value) - own);
}

/// Whether every row that `threshold` (the highest that was used) kept out is surely worse than the
/// (k+1)-th best, whose exact score is `value`.
inline bool proves(float threshold, double value, float own) {
  return threshold == kEverything || safe_threshold(value, own) >= threshold;
}

}  // namespace consilience::kernels
