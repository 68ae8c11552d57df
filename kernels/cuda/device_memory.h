#pragma once
#include <algorithm>
#include <cstdint>

#include "kernels/cuda/check.h"

namespace consilience::kernels::cuda {

/// Bytes of the current device that may be planned with: what is free, less a tenth for what rounds
/// up and for libraries.
inline int64_t usable_bytes() {
  size_t free = 0;
  size_t total = 0;
  CUDA_CHECK(cudaMemGetInfo(&free, &total));
  return static_cast<int64_t>(free) / 10 * 9;
}

}  // namespace consilience::kernels::cuda
