#pragma once
#include <cuda_runtime_api.h>

/// Throws Error naming the failed call, file and line; out of device memory is Failure
/// out_of_memory, a device that another process holds transient.
#define CUDA_CHECK(call) ::consilience::kernels::cuda::check((call), #call, __FILE__, __LINE__)

namespace consilience::kernels::cuda {

void check(cudaError_t status, const char* call, const char* file, int line);

}  // namespace consilience::kernels::cuda
