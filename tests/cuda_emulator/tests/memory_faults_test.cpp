#include <numeric>
#include <set>

#include "kernels/base/error.h"
#include "tests/cuda_emulator/sanitizer.h"
#include "tests/cuda_emulator/tests/emulated.h"

namespace consilience::cuda_emulator {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class MemoryFaults : public Emulator {};

TEST_F(MemoryFaults, CopiesBeyondABlock) {
  const Stream stream;
  DeviceBuffer<int> device(8);
  std::vector<int> host(100);
  const auto upload = [&](int64_t at, size_t count) {
    return fault_of([&] {
      cudaMemcpyAsync(device.data() + at, host.data(), count * sizeof(int), cudaMemcpyHostToDevice,
                      stream.get());
    });
  };
  EXPECT_EQ(upload(3, 5), "");
  EXPECT_THAT(upload(3, 6), HasSubstr("24 bytes from byte 12 of a device block of 32 bytes"));
  EXPECT_THAT(fault_of([&] { device.upload(host, stream); }), HasSubstr("cudaMemcpyAsync"));
  EXPECT_THAT(fault_of([&] {
                cudaMemcpy2DAsync(device.data(), 12, host.data(), 40, 12, 3, cudaMemcpyHostToDevice,
                                  stream.get());
              }),
              HasSubstr("36 bytes from byte 0 of a device block of 32 bytes"));
  EXPECT_THAT(fault_of([&] { cudaMemsetAsync(device.data() + 8, 0, 1, stream.get()); }),
              HasSubstr("cudaMemsetAsync"));
  stream.synchronize();
}

TEST_F(MemoryFaults, CopiesOfTheWrongKind) {
  const Stream stream;
  DeviceBuffer<int> device(8);
  PinnedBuffer<int> pinned(8);
  const auto copy = [&](void* to, const void* from, cudaMemcpyKind kind) {
    return fault_of([&] { cudaMemcpyAsync(to, from, 32, kind, stream.get()); });
  };
  EXPECT_EQ(copy(device.data(), pinned.data(), cudaMemcpyHostToDevice), "");
  EXPECT_THAT(copy(device.data(), pinned.data(), cudaMemcpyDeviceToDevice),
              HasSubstr("are not device memory"));
  EXPECT_THAT(copy(device.data(), pinned.data(), cudaMemcpyDeviceToHost),
              HasSubstr("are not host memory"));
  EXPECT_THAT(copy(device.data(), device.data(), cudaMemcpyHostToDevice),
              HasSubstr("are not host memory"));
  EXPECT_THAT(copy(device.data(), pinned.data() + 1, cudaMemcpyHostToDevice),
              HasSubstr("beyond a pinned block"));
  stream.synchronize();
}

__global__ void writes(int* at, int index) { at[index] = 1; }

TEST_F(MemoryFaults, AKernelGivenHostMemory) {
  std::vector<int> host(4);
  EXPECT_THAT(fault_of([&] { run(writes, 1, 1, host.data(), 0); }),
              HasSubstr("no device or pinned memory"));
  PinnedBuffer<int> pinned(4);
  EXPECT_EQ(fault_of([&] { run(writes, 1, 1, pinned.data(), 0); }), "");
}

TEST_F(MemoryFaults, AKernelGivenMemoryOfAnotherDevice) {
  set_devices(2);
  DeviceBuffer<int> first(1);
  cudaSetDevice(1);
  EXPECT_THAT(fault_of([&] { run(writes, 1, 1, first.data(), 0); }),
              HasSubstr("a kernel on device 1 is given memory of device 0"));
  cudaSetDevice(0);
}

TEST_F(MemoryFaults, NewMemoryIsGarbage) {
  std::set<int> seen;
  for (int time = 0; time < 40; ++time) {
    const Stream stream;
    const DeviceBuffer<int> device(4);
    const int value = device.download(1, stream)[0];
    EXPECT_NE(value, 0);
    seen.insert(value);
  }
  EXPECT_TRUE(seen.contains(-1));
  EXPECT_GT(seen.size(), 5U);
}

TEST_F(MemoryFaults, TheDeviceIsFull) {
  set_memory(1000);
  DeviceBuffer<char> most(900);
  EXPECT_NO_THROW(DeviceBuffer<char>(100));
  try {
    DeviceBuffer<char>(101);
    ADD_FAILURE() << "1001 bytes fit into 1000";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), Failure::out_of_memory);
  }
  size_t available = 0;
  size_t total = 0;
  cudaMemGetInfo(&available, &total);
  EXPECT_EQ(available, 100U);
  EXPECT_EQ(total, 1000U);
  set_devices(2);
  cudaSetDevice(1);
  EXPECT_NO_THROW(DeviceBuffer<char>(1000));
  cudaSetDevice(0);
}

TEST_F(MemoryFaults, WhatIsLeftAndWhatIsCounted) {
  reset_counters();
  int* device = nullptr;
  cudaMalloc(reinterpret_cast<void**>(&device), 40);
  { DeviceBuffer<char> more(60); }
  EXPECT_THAT(leaks(), ElementsAre("40 bytes of device memory"));
  EXPECT_EQ(counters().live_bytes, 40U);
  EXPECT_EQ(counters().peak_bytes, 100U);
  cudaFree(device);
  EXPECT_TRUE(leaks().empty());
  EXPECT_EQ(cudaFree(device), cudaErrorInvalidValue);
  EXPECT_EQ(cudaGetLastError(), cudaErrorInvalidValue);
  EXPECT_THAT(untold_faults(), ElementsAre("cudaFree: nothing was allocated there"));
}

TEST_F(MemoryFaults, HostMemoryIsRegisteredOnce) {
  std::vector<int> host(100);
  EXPECT_EQ(cudaHostRegister(host.data(), 400, 0), cudaSuccess);
  EXPECT_EQ(cudaHostRegister(host.data() + 99, 4, 0), cudaErrorHostMemoryAlreadyRegistered);
  EXPECT_EQ(cudaHostUnregister(host.data()), cudaSuccess);
  cudaGetLastError();
}

TEST_F(MemoryFaults, WhatTheHostMayNotTouchIsSeenByAddressSanitizer) {
  if constexpr (!kAddressSanitizer) GTEST_SKIP() << "built without AddressSanitizer";
  ::testing::GTEST_FLAG(death_test_style) = "threadsafe";
  DeviceBuffer<int> device(10);
  EXPECT_DEATH(device.data()[3] = 1, "use-after-poison");
  run(writes, 1, 1, device.data(), 9);
  EXPECT_DEATH(run(writes, 1, 1, device.data(), 10), "heap-buffer-overflow");
}

}  // namespace
}  // namespace consilience::cuda_emulator
