#pragma once
#include <cuda_runtime.h>

#include "kernels/cuda/check.h"

namespace consilience::kernels::cuda {

/// The one place where kernels are started. Returns at once; errors of the start are thrown.
template <typename... Params, typename... Args>
void launch(void (*kernel)(Params...), dim3 grid, dim3 block, size_t shared_bytes,
            cudaStream_t stream, Args... args) {
  cudaLaunchConfig_t config = {};
  config.gridDim = grid;
  config.blockDim = block;
  config.dynamicSmemBytes = shared_bytes;
  config.stream = stream;
  CUDA_CHECK(cudaLaunchKernelEx(&config, kernel, static_cast<Params>(args)...));
}

}  // namespace consilience::kernels::cuda
