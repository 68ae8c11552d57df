#pragma once

namespace consilience::kernels {

/// CUDA devices that this build can use; 0 where it was built without CUDA, or there is no driver
/// or no device.
int cuda_device_count();

/// Whether nvcc was there when this was built.
bool built_with_cuda();

}  // namespace consilience::kernels
