#pragma once
#include <cstdint>

#include "kernels/base/conditioned_value.h"
#include "kernels/cuda/device/fixed_sum.cuh"
#include "kernels/cuda/device_side.h"
#include "kernels/ops/condition.h"

/// Exact scores (numerics, sections 1 and 2) by eight neighbouring threads of a one-dimensional
/// block, thread l of them being lane l of T. All 32 threads of the warp must take part, each group
/// of eight with rows of its own; the result is in each of the eight. The bits are those of every
/// backend.
namespace consilience::kernels::cuda::device {

/// Rows that are values already.
struct DoubleRows {
  const double* x;
  int64_t stride;
};

__device__ inline double value_of(const DoubleRows& rows, int64_t i, int64_t f) {
  return rows.x[i * rows.stride + f];
}

/// v_if.
__device__ inline double value_of(const DeviceSide& side, int64_t i, int64_t f) {
  return conditioned(side.x[i * side.stride + f], side.clamp, side.mean[f]);
}

__device__ inline double scale_of(const DeviceSide& side, int64_t i) {
  return side.scale == nullptr ? 1.0 : side.scale[i];
}

/// T(v, w) of `rows` a[i] and `columns` b[j], or under euclidean T(v - w, v - w): totals [rows,
/// columns]. More pairs at once read every value less often.
template <Similarity kSimilarity, int kRows, int kColumns, typename Side>
__device__ void exact_sums(const Side& a, const int64_t (&i)[kRows], const Side& b,
                           const int64_t (&j)[kColumns], int64_t d,
                           double (&totals)[kRows][kColumns]) {
  double lanes[kRows][kColumns] = {};
  for (int64_t f = threadIdx.x % kLanes; f < d; f += kLanes) {
    double v[kRows];
    for (int r = 0; r < kRows; ++r) v[r] = value_of(a, i[r], f);
    for (int c = 0; c < kColumns; ++c) {
      const double w = value_of(b, j[c], f);
      for (int r = 0; r < kRows; ++r) {
        if constexpr (kSimilarity == Similarity::euclidean) {
          const double gap = v[r] - w;
          lanes[r][c] = fma(gap, gap, lanes[r][c]);
        } else {
          lanes[r][c] = fma(v[r], w, lanes[r][c]);
        }
      }
    }
  }
  for (int r = 0; r < kRows; ++r)
    for (int c = 0; c < kColumns; ++c) totals[r][c] = lane_tree(lanes[r][c]);
}

/// T(v_i, w_j), without the scales.
__device__ inline double exact_dot(const DeviceSide& a, int64_t i, const DeviceSide& b, int64_t j,
                                   int64_t d) {
  double total[1][1];
  exact_sums<Similarity::dot, 1, 1>(a, {i}, b, {j}, d, total);
  return total[0][0];
}

/// d2(i, j).
__device__ inline double exact_squared_distance(const DeviceSide& a, int64_t i, const DeviceSide& b,
                                                int64_t j, int64_t d) {
  double total[1][1];
  exact_sums<Similarity::euclidean, 1, 1>(a, {i}, b, {j}, d, total);
  return total[0][0];
}

/// s(i, j), or minus d2(i, j), of the sum that exact_sums made: larger is nearer.
template <Similarity kSimilarity>
__device__ double merit_of(double sum, const DeviceSide& a, int64_t i, const DeviceSide& b,
                           int64_t j) {
  if constexpr (kSimilarity == Similarity::euclidean) return -sum;
  return sum * (scale_of(a, i) * scale_of(b, j));
}

}  // namespace consilience::kernels::cuda::device
