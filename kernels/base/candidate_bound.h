#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "kernels/ops/condition.h"

/// How far a candidate score in low precision can be from the exact one (numerics, section 3):
///   t_ij = f32(r^_i . r^_j + a_j),  |t_ij - (s(i, j) - terms of i alone)| <= E_ij.
/// Every number here is rounded up.
namespace consilience::kernels {

/// Products are summed in chains of at most so many terms, and the chains then in f32.
inline constexpr int64_t kChain = 512;

/// g for f32 multiply-adds. One more than the longest chain of dependent additions, so that it also
/// holds where a multiply-add rounds twice.
constexpr double product_error(int64_t d) {
  const auto h = static_cast<double>(std::min(d, kChain) + (d + kChain - 1) / kChain + 1);
  return h * 0x1p-24 / (1 - h * 0x1p-24);
}

inline float round_up(double x) {
  const auto nearest = static_cast<float>(x);
  if (static_cast<double>(nearest) >= x) return nearest;
  return std::nextafter(nearest, std::numeric_limits<float>::infinity());
}

/// One row after subtracting m' and scaling by a power of two, in double.
struct ResidualNorms {
  double error;   // e = |r - r^|
  double norm;    // rho = max(|r|, |r^|)
  double reach;   // |z| + |m'|
  double offset;  // a
};

/// E_ij = error_i norm_j + norm_i spread_j + reach_i reach_j + (own_i + own_j).
struct QueryBound {
  float error, norm, reach, own;
};
struct GalleryBound {
  float norm, spread, reach, own;
};

/// What evaluating E in f32 can lose.
inline constexpr double kRoundingRoom = 1 + 0x1p-20;

/// For Euclidean scores 2^-40 rho_i^2 covers what the exact d2 loses of |r_i|^2: the other terms
/// can all vanish where r_j does.
inline QueryBound query_bound(const ResidualNorms& row, Similarity similarity) {
  const double own = similarity == Similarity::euclidean ? 0x1p-40 * row.norm * row.norm : 0.0;
  return {round_up(row.error), round_up(row.norm), round_up(row.reach),
          round_up(own * kRoundingRoom)};
}

inline GalleryBound gallery_bound(const ResidualNorms& row, int64_t d) {
  const double spread = row.error + (product_error(d) + 0x1p-22) * row.norm;
  const double own = 0x1p-22 * std::fabs(row.offset) + static_cast<double>(d + 8) * 0x1p-126;
  return {round_up(row.norm * kRoundingRoom), round_up(spread * kRoundingRoom),
          round_up(0x1p-40 * row.reach * kRoundingRoom), round_up(own * kRoundingRoom)};
}

}  // namespace consilience::kernels
