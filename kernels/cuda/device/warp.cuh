#pragma once

namespace consilience::kernels::cuda::device {

inline constexpr unsigned kWarp = 32;
inline constexpr unsigned kAllLanes = 0xFFFFFFFFU;

/// The sum over a whole warp, in each of its threads: the same bits, since addition commutes.
__device__ inline double warp_sum(double value) {
  for (unsigned step = kWarp / 2; step > 0; step /= 2) {
    value += __shfl_xor_sync(kAllLanes, value, static_cast<int>(step));
  }
  return value;
}

}  // namespace consilience::kernels::cuda::device
