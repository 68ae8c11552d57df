#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

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

inline float round_up(double x) {
  const auto nearest = static_cast<float>(x);
  if (static_cast<double>(nearest) >= x) return nearest;
  return std::nextafter(nearest, std::numeric_limits<float>::infinity());
}

inline float round_down(double x) { return -round_up(-x); }

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
inline float pair_error(const ScaledNorms& row, const ScaledNorms& largest, double g) {
  const double h = row.norm * (largest.error + (g + kFilterError) * largest.norm / 2) +
                   row.reach * largest.reach / 2;
  return round_up(h * (1 + kFilterError));
}

}  // namespace consilience::kernels
