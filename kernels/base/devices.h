#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/base/backend.h"

namespace consilience::kernels {

/// What `--device` says: "cpu"; "cuda" (the first device), "cuda:1", "cuda:0-3", "cuda:all".
/// Throws Error(usage) for anything else. Whether such a device is there is not asked.
[[nodiscard]] Context parse_device(std::string_view words);

/// Throws Error(never) unless the devices that `context` names can be used here: a build without
/// CUDA, no driver, a driver older than the runtime, no device, a number beyond the last.
void require_devices(const Context& context);

/// CUDA devices that this build can use; 0 where it was built without CUDA, or there is no driver
/// or no device.
int cuda_device_count();

/// Whether nvcc was there when this was built.
bool built_with_cuda();

struct CudaDevice {
  int number = 0;
  std::string name;
  int64_t memory_bytes = 0;
  int major = 0, minor = 0;  // compute capability
};

/// What the CUDA runtime finds. Versions are as the runtime gives them: 13020 is 13.2.
struct CudaInstallation {
  int runtime = 0;  // this build's; 0: built without CUDA
  int driver = 0;   // the newest that the driver serves; 0: no driver
  std::vector<CudaDevice> devices;
  std::string problem;  // why no device can be used; "" where one can
};
[[nodiscard]] CudaInstallation describe_cuda();

/// "13.2" of 13020.
[[nodiscard]] std::string cuda_version_text(int version);

/// The oldest release of NVIDIA's driver that serves a CUDA runtime, by the compatibility table of
/// the toolkit's release notes: 580 for every CUDA 13, 525 for 12.
[[nodiscard]] int minimum_driver_release(int runtime);

/// "580.65.06" of the text of /proc/driver/nvidia/version; "" where it names none.
[[nodiscard]] std::string driver_release(std::string_view version_file);

}  // namespace consilience::kernels
