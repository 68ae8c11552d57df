#include <thread>

#include "kernels/base/error.h"
#include "tests/cuda_emulator/tests/emulated.h"

namespace consilience::cuda_emulator {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr uint64_t kSeeds = 40;

class StreamFaults : public Emulator {};

__global__ void set(int* at, int value) { *at = value; }
__global__ void add_to(const int* from, int* to) { *to = *from + 1; }
__global__ void waits_for_nobody() {
  if (threadIdx.x == 0) __syncwarp(3);
  __syncthreads();
}

/// One stream writes, another reads; with an event between them or without.
int hand_over(bool with_event) {
  const Stream first;
  const Stream second;
  Event written;
  DeviceBuffer<int> values(2);
  values.fill_bytes(0, first);
  launch(set, 1, 1, 0, first.get(), values.data(), 41);
  written.record(first);
  if (with_event) written.hold_back(second);
  launch(add_to, 1, 1, 0, second.get(), static_cast<const int*>(values.data()), values.data() + 1);
  second.synchronize();
  return values.download(2, second)[1];
}

TEST_F(StreamFaults, AMissingEventShows) {
  int wrong = 0;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    set_seed(seed);
    EXPECT_EQ(hand_over(true), 42);
    set_seed(seed);
    if (hand_over(false) != 42) ++wrong;
  }
  EXPECT_GT(wrong, 5);
}

/// An event stands for its last recording before the wait.
TEST_F(StreamFaults, AnEventIsWaitedForAsItWasRecorded) {
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    set_seed(seed);
    const Stream first;
    const Stream second;
    Event event;
    DeviceBuffer<int> values(2);
    event.record(first);
    launch(set, 1, 1, 0, first.get(), values.data(), 41);
    event.record(first);
    event.hold_back(second);
    launch(add_to, 1, 1, 0, second.get(), static_cast<const int*>(values.data()),
           values.data() + 1);
    EXPECT_EQ(values.download(2, second)[1], 42);
  }
}

TEST_F(StreamFaults, AMissingSynchronisationShows) {
  int wrong = 0;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    set_seed(seed);
    const Stream stream;
    DeviceBuffer<int> value(1);
    PinnedBuffer<int> host(1);
    launch(set, 1, 1, 0, stream.get(), value.data(), 5);
    host.span()[0] = 0;
    cudaMemcpyAsync(host.data(), value.data(), sizeof(int), cudaMemcpyDeviceToHost, stream.get());
    if (host.span()[0] != 5) ++wrong;
    stream.synchronize();
    EXPECT_EQ(host.span()[0], 5);
  }
  EXPECT_GT(wrong, 5);
}

TEST_F(StreamFaults, AnUploadReadsTheHostWhenItIsDone) {
  int wrong = 0;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    set_seed(seed);
    const Stream stream;
    DeviceBuffer<int> value(1);
    PinnedBuffer<int> host(1);
    host.span()[0] = 5;
    value.upload(host.span(), stream);
    host.span()[0] = 6;  // too early
    if (value.download(1, stream)[0] != 5) ++wrong;
  }
  EXPECT_GT(wrong, 5);
}

TEST_F(StreamFaults, AFaultIsToldByTheNextCallThatCan) {
  const Stream stream;
  const Stream other;
  launch(waits_for_nobody, 1, 32, 0, stream.get());
  DeviceBuffer<int> value(1);
  launch(set, 1, 1, 0, stream.get(), value.data(), 5);  // is not done any more
  EXPECT_THAT(fault_of([&] { stream.synchronize(); }), HasSubstr("waits for ever"));
  EXPECT_THAT(fault_of([&] { other.synchronize(); }), HasSubstr("waits for ever"));
  EXPECT_NO_THROW(stream.synchronize());
  launch(set, 1, 1, 0, stream.get(), value.data(), 6);
  EXPECT_EQ(value.download(1, stream)[0], 6);
}

TEST_F(StreamFaults, AFaultThatNobodyAsksForIsKept) {
  {
    const Stream stream;
    DeviceBuffer<int> value(1);
    launch(waits_for_nobody, 1, 32, 0, stream.get());
  }
  EXPECT_THAT(untold_faults(), ElementsAre(HasSubstr("waits for ever")));
}

TEST_F(StreamFaults, StreamsAndEventsBelongToTheirDevice) {
  set_devices(2);
  const Stream stream;
  const Event event;
  DeviceBuffer<int> value(1);
  cudaSetDevice(1);
  EXPECT_THROW(launch(set, 1, 1, 0, stream.get(), value.data(), 1), Error);
  const Stream of_other;
  Event of_first;
  cudaSetDevice(0);
  EXPECT_THROW(of_first.record(stream), Error);
  EXPECT_NO_THROW(of_first.record(of_other));
  EXPECT_NO_THROW(of_first.hold_back(stream));
  stream.synchronize();
}

/// A host thread for each device, all at once.
TEST_F(StreamFaults, HostThreadsDriveDevices) {
  set_devices(3);
  std::vector<int> found(3);
  {
    std::vector<std::jthread> threads;
    for (int device = 0; device < 3; ++device) {
      threads.emplace_back([&found, device] {
        cudaSetDevice(device);
        for (int time = 0; time < 30; ++time) {
          const Stream stream;
          DeviceBuffer<int> value(2);
          launch(set, 1, 1, 0, stream.get(), value.data(), device);
          launch(add_to, 7, 64, 0, stream.get(), static_cast<const int*>(value.data()),
                 value.data() + 1);
          found[static_cast<size_t>(device)] += value.download(2, stream)[1];
        }
      });
    }
  }
  EXPECT_THAT(found, ElementsAre(30, 60, 90));
}

TEST_F(StreamFaults, CopiesBetweenDevices) {
  set_devices(2);
  const Stream stream;
  DeviceBuffer<int> first(1);
  launch(set, 1, 1, 0, stream.get(), first.data(), 8);
  cudaSetDevice(1);
  {
    DeviceBuffer<int> second(1);
    cudaMemcpyPeerAsync(second.data(), 1, first.data(), 0, sizeof(int), stream.get());
    EXPECT_EQ(second.download(1, stream)[0], 8);
    EXPECT_THAT(
        fault_of([&] { cudaMemcpyPeerAsync(second.data(), 0, first.data(), 1, 4, stream.get()); }),
        HasSubstr("memory of device 1, expected device 0"));
  }
  cudaSetDevice(0);
}

}  // namespace
}  // namespace consilience::cuda_emulator
