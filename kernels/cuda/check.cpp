#include "kernels/cuda/check.h"

#include <string_view>

#include "kernels/base/devices.h"
#include "kernels/base/error.h"

namespace consilience::kernels {

namespace cuda {

void check(cudaError_t status, const char* call, const char* file, int line) {
  if (status == cudaSuccess) return;
  cudaGetLastError();  // a failure that is not sticky must not show up at the next call
  std::string_view path = file;
  if (const size_t root = path.rfind("kernels/"); root != path.npos) path.remove_prefix(root);
  fail(status == cudaErrorMemoryAllocation ? Failure::out_of_memory : Failure::never,
       "{}:{}: {} failed: {}", path, line, call, cudaGetErrorString(status));
}

}  // namespace cuda

bool built_with_cuda() { return true; }

int cuda_device_count() {
  int count = 0;
  if (cudaGetDeviceCount(&count) == cudaSuccess) return count;
  cudaGetLastError();
  return 0;
}

}  // namespace consilience::kernels
