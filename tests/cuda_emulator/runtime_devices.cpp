#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "tests/cuda_emulator/fault.h"
#include "tests/cuda_emulator/limits.h"
#include "tests/cuda_emulator/machine.h"
#include "tests/cuda_emulator/status.h"

/// Devices, versions and errors.
namespace consilience::cuda_emulator {
namespace {

thread_local cudaError_t last_error = cudaSuccess;

constexpr int kOldDriver = 12090;  // serves CUDA 12.9

}  // namespace

cudaError_t noted(cudaError_t status) {
  if (status != cudaSuccess && status != cudaErrorNotReady) last_error = status;
  return status;
}

cudaError_t driver_status() {
  return Machine::get().settings().driver == Driver::good ? cudaSuccess
                                                          : cudaErrorInsufficientDriver;
}

}  // namespace consilience::cuda_emulator

using namespace consilience::cuda_emulator;

cudaError_t cudaGetLastError() { return std::exchange(last_error, cudaSuccess); }
cudaError_t cudaPeekAtLastError() { return last_error; }

const char* cudaGetErrorName(cudaError_t error) {
  switch (error) {
    case cudaSuccess:
      return "cudaSuccess";
    case cudaErrorInvalidValue:
      return "cudaErrorInvalidValue";
    case cudaErrorMemoryAllocation:
      return "cudaErrorMemoryAllocation";
    case cudaErrorInvalidConfiguration:
      return "cudaErrorInvalidConfiguration";
    case cudaErrorInvalidDevice:
      return "cudaErrorInvalidDevice";
    case cudaErrorInvalidResourceHandle:
      return "cudaErrorInvalidResourceHandle";
    case cudaErrorInsufficientDriver:
      return "cudaErrorInsufficientDriver";
    case cudaErrorNoDevice:
      return "cudaErrorNoDevice";
    case cudaErrorNotReady:
      return "cudaErrorNotReady";
    case cudaErrorDevicesUnavailable:
      return "cudaErrorDevicesUnavailable";
    default:
      return "an error that the emulator does not give";
  }
}
const char* cudaGetErrorString(cudaError_t error) {
  switch (error) {
    case cudaErrorMemoryAllocation:
      return "out of memory";
    case cudaErrorInsufficientDriver:
      return "CUDA driver version is insufficient for CUDA runtime version";
    case cudaErrorNoDevice:
      return "no CUDA-capable device is detected";
    default:
      return cudaGetErrorName(error);
  }
}

cudaError_t cudaRuntimeGetVersion(int* version) {
  *version = CUDART_VERSION;
  return cudaSuccess;
}
cudaError_t cudaDriverGetVersion(int* version) {
  const Driver driver = Machine::get().settings().driver;
  *version = driver == Driver::none ? 0 : (driver == Driver::old ? kOldDriver : CUDART_VERSION);
  return cudaSuccess;
}

cudaError_t cudaGetDeviceCount(int* count) {
  *count = 0;
  return answer([&] {
    *count = Machine::get().settings().devices;
    return *count > 0 ? cudaSuccess : cudaErrorNoDevice;
  });
}
cudaError_t cudaSetDevice(int device) {
  return answer([&] {
    if (device < 0 || device >= Machine::get().settings().devices) return cudaErrorInvalidDevice;
    if (Machine::get().settings().held) return cudaErrorDevicesUnavailable;
    current_device() = device;
    return cudaSuccess;
  });
}
cudaError_t cudaGetDevice(int* device) {
  return answer([&] {
    *device = current_device();
    return cudaSuccess;
  });
}
cudaError_t cudaDeviceSynchronize() {
  return answer([&] {
    Machine::get().synchronize_device(current_device());
    return cudaSuccess;
  });
}
cudaError_t cudaDeviceCanAccessPeer(int* can, int, int) {
  *can = 0;
  return cudaSuccess;
}

cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr attribute, int device) {
  return answer([&] {
    const Settings& settings = Machine::get().settings();
    if (device < 0 || device >= settings.devices) return cudaErrorInvalidDevice;
    switch (attribute) {
      case cudaDevAttrL2CacheSize:
        *value = static_cast<int>(settings.l2);
        return cudaSuccess;
      case cudaDevAttrMultiProcessorCount:
        *value = kMultiProcessors;
        return cudaSuccess;
      case cudaDevAttrMaxThreadsPerBlock:
        *value = kMaxThreads;
        return cudaSuccess;
      case cudaDevAttrMaxThreadsPerMultiProcessor:
        *value = 2 * kMaxThreads;
        return cudaSuccess;
      case cudaDevAttrMaxSharedMemoryPerBlock:
        *value = kSharedBytes;
        return cudaSuccess;
      case cudaDevAttrMaxSharedMemoryPerBlockOptin:
        *value = kSharedBytesOptIn;
        return cudaSuccess;
      case cudaDevAttrWarpSize:
        *value = 32;
        return cudaSuccess;
      case cudaDevAttrComputeCapabilityMajor:
        *value = 8;
        return cudaSuccess;
      case cudaDevAttrComputeCapabilityMinor:
        *value = 0;
        return cudaSuccess;
      default:
        throw Fault("cudaDeviceGetAttribute: the emulator does not know attribute " +
                    std::to_string(static_cast<int>(attribute)));
    }
  });
}

cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int device) {
  return answer([&] {
    const Settings& settings = Machine::get().settings();
    if (device < 0 || device >= settings.devices) return cudaErrorInvalidDevice;
    *properties = {};
    std::strncpy(properties->name, "emulated", sizeof properties->name - 1);
    properties->totalGlobalMem = settings.memory;
    properties->l2CacheSize = static_cast<int>(settings.l2);
    properties->multiProcessorCount = kMultiProcessors;
    properties->maxThreadsPerBlock = kMaxThreads;
    properties->sharedMemPerBlock = kSharedBytes;
    properties->sharedMemPerBlockOptin = kSharedBytesOptIn;
    properties->warpSize = 32;
    properties->major = 8;
    return cudaSuccess;
  });
}
