#pragma once
#include <cuda_runtime_api.h>

#include <vector>

#include "kernels/base/backend.h"
#include "kernels/cuda/check.h"

namespace consilience::kernels::cuda {

/// The devices that `context` names, at least one. Throws Error(never) where there is none, no
/// driver, a driver older than the runtime, or a number beyond the last device.
[[nodiscard]] std::vector<int> devices_of(const Context& context);

/// Makes a device the current one of this thread, until this ends.
class CurrentDevice {
 public:
  explicit CurrentDevice(int device) {
    CUDA_CHECK(cudaGetDevice(&before_));
    CUDA_CHECK(cudaSetDevice(device));
  }
  explicit CurrentDevice(const Context& context) : CurrentDevice(devices_of(context).front()) {}
  ~CurrentDevice() { cudaSetDevice(before_); }
  CurrentDevice(const CurrentDevice&) = delete;
  CurrentDevice& operator=(const CurrentDevice&) = delete;

 private:
  int before_ = 0;
};

}  // namespace consilience::kernels::cuda
