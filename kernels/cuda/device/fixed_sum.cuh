#pragma once
#include "kernels/base/fixed_sum.h"

namespace consilience::kernels::cuda::device {

/// The tree of T over eight neighbouring threads that hold lanes 0 .. 7: the total is in each of
/// them. Addition commutes, so exchanging with lane ^ 4, ^ 2, ^ 1 gives the bits of lane_tree.
__device__ inline double lane_tree(double lane) {
  constexpr unsigned kAll = 0xFFFFFFFFU;
  for (int step = kLanes / 2; step > 0; step /= 2) lane += __shfl_xor_sync(kAll, lane, step);
  return lane;
}

}  // namespace consilience::kernels::cuda::device
