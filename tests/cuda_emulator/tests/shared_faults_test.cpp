#include <bit>
#include <set>

#include "tests/cuda_emulator/sanitizer.h"
#include "tests/cuda_emulator/tests/emulated.h"

namespace consilience::cuda_emulator {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class SharedFaults : public Emulator {};

constexpr unsigned kArray = __LINE__ + 2;
__global__ void writes_at(int index) {
  SHARED(float, room, 40);
  room[index] = 1;
}

TEST_F(SharedFaults, AnIndexOutOfBounds) {
  for (const int index : {-1, 40, 1 << 30})
    EXPECT_THAT(fault_of([&] { run(writes_at, 1, 32, index); }),
                AllOf(HasSubstr(at_line(__FILE__, kArray)), HasSubstr("room of 40 elements"),
                      HasSubstr("index " + std::to_string(index))));
  EXPECT_EQ(fault_of([&] { run(writes_at, 1, 32, 39); }), "");
}

__global__ void reads_what_nobody_wrote(unsigned* out) {
  SHARED(unsigned, room, 8);
  if (threadIdx.x == 0) out[blockIdx.x] = room[3];
  __syncthreads();
  room[threadIdx.x % 8] = 0;  // no later block sees this
}

TEST_F(SharedFaults, WhatNobodyWroteIsGarbageInEveryBlock) {
  std::set<unsigned> seen;
  const Stream stream;
  DeviceBuffer<unsigned> out(200);
  launch(reads_what_nobody_wrote, 200, 32, 0, stream.get(), out.data());
  for (const unsigned value : out.download(200, stream)) {
    EXPECT_NE(value, 0U);
    seen.insert(value);
  }
  EXPECT_TRUE(seen.contains(0xFFFFFFFFU));
  EXPECT_GT(seen.size(), 20U);
}

/// Without a barrier the neighbour's value may not be there.
__global__ void forgets_the_barrier(int* out, bool forgets) {
  SHARED(int, room, 64);
  room[threadIdx.x] = 7;
  if (!forgets) __syncthreads();
  out[threadIdx.x] = room[(threadIdx.x + 1) % 64];
}

TEST_F(SharedFaults, AMissingBarrierShows) {
  for (const bool forgets : {false, true}) {
    const Stream stream;
    DeviceBuffer<int> out(64);
    launch(forgets_the_barrier, 1, 64, 0, stream.get(), out.data(), forgets);
    EXPECT_EQ(out.download(64, stream) == std::vector<int>(64, 7), !forgets);
  }
}

template <int kSize>
__device__ int* scratch() {
  SHARED(int, room, kSize);
  return room;
}
__global__ void uses_two_arrays(int* out) {
  int* first = scratch<3>();
  int* second = scratch<5>();
  if (threadIdx.x == 0) {
    for (int i = 0; i < 3; ++i) first[i] = 1;
    for (int i = 0; i < 5; ++i) second[i] = 2;
    out[0] = first == scratch<3>() && first[2] == 1 && second[4] == 2;
  }
}

TEST_F(SharedFaults, EveryDeclarationIsAnArrayOfItsOwn) {
  const Stream stream;
  DeviceBuffer<int> out(1);
  launch(uses_two_arrays, 1, 32, 0, stream.get(), out.data());
  EXPECT_EQ(out.download(1, stream)[0], 1);
}

constexpr unsigned kTooLarge = __LINE__ + 3;
__global__ void takes_too_much() {
  SHARED(double, room, 6144);
  SHARED(char, more, 1);
  room[0] = more[0];
}

TEST_F(SharedFaults, MoreThanABlockMayHave) {
  EXPECT_THAT(fault_of([&] { run(takes_too_much, 1, 32); }),
              AllOf(HasSubstr(at_line(__FILE__, kTooLarge)), HasSubstr("49153 bytes")));
}

__global__ void writes_behind_the_array(int index) {
  SHARED(int, room, 10);
  SHARED(int, other, 10);
  int* pointer = room;
  other[0] = 0;
  pointer[index] = other[0];
}

TEST_F(SharedFaults, APointerBeyondTheArrayIsSeenByAddressSanitizer) {
  if constexpr (!kAddressSanitizer) GTEST_SKIP() << "built without AddressSanitizer";
  ::testing::GTEST_FLAG(death_test_style) = "threadsafe";
  run(writes_behind_the_array, 1, 1, 9);
  EXPECT_DEATH(run(writes_behind_the_array, 1, 1, 10), "use-after-poison");
  EXPECT_DEATH(run(writes_behind_the_array, 1, 1, -1), "use-after-poison");
}

}  // namespace
}  // namespace consilience::cuda_emulator
