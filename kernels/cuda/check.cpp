#include "kernels/cuda/check.h"

#include <string_view>

#include "kernels/base/devices.h"
#include "kernels/base/error.h"

namespace consilience::kernels {

namespace cuda {
namespace {

Failure kind_of(cudaError_t status) {
  switch (status) {
    case cudaErrorMemoryAllocation:
      return Failure::out_of_memory;
    case cudaErrorDevicesUnavailable:  // another process holds it for itself
    case cudaErrorSystemNotReady:
      return Failure::transient;
    default:
      return Failure::never;
  }
}

}  // namespace

void check(cudaError_t status, const char* call, const char* file, int line) {
  if (status == cudaSuccess) return;
  cudaGetLastError();  // a failure that is not sticky must not show up at the next call
  std::string_view path = file;
  if (const size_t root = path.rfind("kernels/"); root != path.npos) path.remove_prefix(root);
  fail(kind_of(status), "{}:{}: {} failed: {}", path, line, call, cudaGetErrorString(status));
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
