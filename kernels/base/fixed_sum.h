#pragma once
#include <cmath>
#include <cstdint>
#include <vector>

/// Sums in a fixed order (numerics, section 1): the same bits on every CPU and GPU.
namespace consilience::kernels {

inline constexpr int kLanes = 8;
inline constexpr int64_t kColumnBlockRows = 1024;

/// The tree that ends T: ((l0 + l4) + (l2 + l6)) + ((l1 + l5) + (l3 + l7)).
constexpr double lane_tree(const double* lane) {
  return ((lane[0] + lane[4]) + (lane[2] + lane[6])) + ((lane[1] + lane[5]) + (lane[3] + lane[7]));
}

/// T(u, w): lane f mod 8 <- fma(u(f), w(f), lane), f = 0 .. d-1 ascending, from +0.0.
template <typename U, typename W>
double fixed_dot(int64_t d, const U& u, const W& w) {
  double lane[kLanes] = {};
  for (int64_t f = 0; f < d; ++f) lane[f % kLanes] = std::fma(u(f), w(f), lane[f % kLanes]);
  return lane_tree(lane);
}

constexpr int64_t column_blocks(int64_t rows) {
  return (rows + kColumnBlockRows - 1) / kColumnBlockRows;
}

/// Adds up `blocks` rows of sums [blocks, d] in place: adjacent ones in pairs, an odd last one
/// carried up. The total stands in the first row.
inline void reduce_column_blocks(std::vector<double>& sums, int64_t blocks, int64_t d) {
  const auto row = [&](int64_t b) { return sums.data() + b * d; };
  for (; blocks > 1; blocks = (blocks + 1) / 2) {
    for (int64_t b = 0; b < blocks / 2; ++b) {
      for (int64_t f = 0; f < d; ++f) row(b)[f] = row(2 * b)[f] + row(2 * b + 1)[f];
    }
    if (blocks % 2 == 1) {
      for (int64_t f = 0; f < d; ++f) row(blocks / 2)[f] = row(blocks - 1)[f];
    }
  }
}

}  // namespace consilience::kernels
