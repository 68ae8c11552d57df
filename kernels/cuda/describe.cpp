#include "kernels/base/devices.h"
#include "kernels/base/error.h"
#include "kernels/cuda/check.h"
#include "kernels/cuda/devices.h"

namespace consilience::kernels {
namespace {

CudaDevice describe(int number) {
  cudaDeviceProp found{};
  CUDA_CHECK(cudaGetDeviceProperties(&found, number));
  return {number, found.name, static_cast<int64_t>(found.totalGlobalMem), found.major, found.minor};
}

}  // namespace

void require_devices(const Context& context) {
  if (context.backend == Backend::cuda) static_cast<void>(cuda::devices_of(context));
}

CudaInstallation describe_cuda() {
  CudaInstallation found;
  cudaRuntimeGetVersion(&found.runtime);
  cudaDriverGetVersion(&found.driver);
  try {
    for (const int number : cuda::devices_of({Backend::cuda, 0, 0, 0}))
      found.devices.push_back(describe(number));
  } catch (const Error& error) {
    found.devices.clear();
    found.problem = error.what();
  }
  return found;
}

}  // namespace consilience::kernels
