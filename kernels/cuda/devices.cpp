#include "kernels/cuda/devices.h"

#include <numeric>

#include "kernels/base/error.h"

namespace consilience::kernels::cuda {
namespace {

/// "13.0" of 13000.
std::string version_text(int version) {
  return fmt::format("{}.{}", version / 1000, version % 1000 / 10);
}

[[noreturn]] void fail_without_device(cudaError_t status) {
  int driver = 0;
  int runtime = 0;
  cudaDriverGetVersion(&driver);
  cudaRuntimeGetVersion(&runtime);
  cudaGetLastError();
  if (driver == 0) {
    fail(Failure::never, "CUDA: no driver is installed: use the cpu backend");
  }
  if (status == cudaErrorInsufficientDriver) {
    fail(Failure::never,
         "CUDA: the driver serves CUDA {}, expected {} or newer: update it, or use the cpu backend",
         version_text(driver), version_text(runtime));
  }
  fail(Failure::never, "CUDA: no device can be used ({}): use the cpu backend",
       cudaGetErrorString(status));
}

}  // namespace

std::vector<int> devices_of(const Context& context) {
  int found = 0;
  const cudaError_t status = cudaGetDeviceCount(&found);
  if (status != cudaSuccess || found == 0) {
    fail_without_device(status == cudaSuccess ? cudaErrorNoDevice : status);
  }
  const int count = context.devices == 0 ? found - context.first_device : context.devices;
  expect(context.first_device >= 0 && count >= 1 && context.first_device + count <= found,
         "CUDA: devices {} to {} were asked for, {} are there", context.first_device,
         context.first_device + count - 1, found);
  std::vector<int> devices(static_cast<size_t>(count));
  std::iota(devices.begin(), devices.end(), context.first_device);
  return devices;
}

}  // namespace consilience::kernels::cuda
