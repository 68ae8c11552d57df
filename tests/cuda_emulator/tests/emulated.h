#pragma once
#include <cuda_runtime.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "kernels/cuda/device/shared.cuh"
#include "kernels/cuda/launch.cuh"
#include "kernels/cuda/owned.h"
#include "tests/cuda_emulator/control.h"
#include "tests/cuda_emulator/fault.h"

namespace consilience::cuda_emulator {

using kernels::cuda::DeviceBuffer;
using kernels::cuda::Event;
using kernels::cuda::launch;
using kernels::cuda::PinnedBuffer;
using kernels::cuda::Stream;

/// The emulated machine as it is by default, whatever a test does to it.
class Emulator : public ::testing::Test {
 protected:
  ~Emulator() override {
    set_seed(1);
    set_devices(1);
    set_memory(size_t{1} << 30);
    set_driver(Driver::good);
    set_held(false);
  }
};

/// What the Fault says that `call` throws; empty where it throws none.
template <typename Call>
std::string fault_of(const Call& call) {
  try {
    call();
  } catch (const Fault& fault) {
    return fault.what();
  }
  return {};
}

/// Starts a kernel and waits for it.
template <typename... Params, typename... Args>
void run(void (*kernel)(Params...), dim3 grid, dim3 block, Args... args) {
  const Stream stream;
  launch(kernel, grid, block, 0, stream.get(), args...);
  stream.synchronize();
}

/// "<this file>:<line>"
inline std::string at_line(const char* file, unsigned line) {
  const std::string path = file;
  return path.substr(path.rfind("tests/cuda_emulator/")) + ":" + std::to_string(line) + ":";
}

}  // namespace consilience::cuda_emulator
