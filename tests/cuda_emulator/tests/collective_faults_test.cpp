#include "tests/cuda_emulator/tests/emulated.h"

/// Threads that do not meet as they must.
namespace consilience::cuda_emulator {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr unsigned kAll = 0xFFFFFFFFU;

class CollectiveFaults : public Emulator {};

constexpr unsigned kSkippedBarrier = __LINE__ + 3;
__global__ void skips_barrier(int*) {
  // Thread 5 waits below, for its warp, which waits here.
  if (threadIdx.x != 5) __syncthreads();
  __syncwarp();
}

TEST_F(CollectiveFaults, ABarrierThatNotAllReach) {
  DeviceBuffer<int> out(1);
  EXPECT_THAT(fault_of([&] { run(skips_barrier, 1, 64, out.data()); }),
              AllOf(HasSubstr("waits for ever"), HasSubstr(at_line(__FILE__, kSkippedBarrier)),
                    HasSubstr("63 of 64 threads wait at __syncthreads")));
}

constexpr unsigned kOneBarrier = __LINE__ + 3;
__global__ void two_barriers() {
  if (threadIdx.x < 32) {
    __syncthreads();
  } else {
    __syncthreads();
  }
}

TEST_F(CollectiveFaults, TwoBarriersAreNotOne) {
  EXPECT_THAT(
      fault_of([&] { run(two_barriers, 1, 64); }),
      AllOf(HasSubstr("reaches __syncthreads while"), HasSubstr(":" + std::to_string(kOneBarrier)),
            HasSubstr(":" + std::to_string(kOneBarrier + 2))));
}

constexpr unsigned kMissingLane = __LINE__ + 2;
__global__ void lane_stays_away(int* out) {
  if (threadIdx.x != 9) out[threadIdx.x] = __shfl_xor_sync(kAll, static_cast<int>(threadIdx.x), 1);
  __syncthreads();
}

TEST_F(CollectiveFaults, AWarpCollectiveThatANamedLaneDoesNotReach) {
  DeviceBuffer<int> out(32);
  EXPECT_THAT(fault_of([&] { run(lane_stays_away, 1, 32, out.data()); }),
              AllOf(HasSubstr("waits for ever"), HasSubstr(at_line(__FILE__, kMissingLane)),
                    HasSubstr("0xfffffdff"), HasSubstr("0x00000200")));
}

constexpr unsigned kFirstOfTwo = __LINE__ + 3;
__global__ void different_collectives(unsigned* out) {
  if (threadIdx.x < 16) {
    out[0] = __ballot_sync(kAll, 1);
  } else {
    out[1] = static_cast<unsigned>(__any_sync(kAll, 1));
  }
}

TEST_F(CollectiveFaults, DifferentCollectivesOfOneWarp) {
  DeviceBuffer<unsigned> out(2);
  for (uint64_t seed = 0; seed < 10; ++seed) {
    set_seed(seed);
    EXPECT_THAT(fault_of([&] { run(different_collectives, 1, 32, out.data()); }),
                AllOf(HasSubstr("__ballot_sync"), HasSubstr("__any_sync"),
                      HasSubstr(":" + std::to_string(kFirstOfTwo)),
                      HasSubstr(":" + std::to_string(kFirstOfTwo + 2))));
  }
}

__global__ void different_masks() { __syncwarp(threadIdx.x < 4 ? 0x0000FFFFU : kAll); }

TEST_F(CollectiveFaults, DifferentMasksOfOneCollective) {
  EXPECT_THAT(fault_of([&] { run(different_masks, 1, 32); }),
              AllOf(HasSubstr("0x0000ffff"), HasSubstr("0xffffffff")));
}

constexpr unsigned kNotNamed = __LINE__ + 2;
__global__ void caller_is_not_named(unsigned* out) {
  out[threadIdx.x] = __ballot_sync(0x7FFFFFFFU, 1);
}

TEST_F(CollectiveFaults, AMaskWithoutTheCaller) {
  DeviceBuffer<unsigned> out(32);
  EXPECT_THAT(
      fault_of([&] { run(caller_is_not_named, 1, 32, out.data()); }),
      AllOf(HasSubstr(at_line(__FILE__, kNotNamed)), HasSubstr("does not name the caller")));
}

constexpr unsigned kReadsInactive = __LINE__ + 2;
__global__ void reads_inactive(int* out) {
  if (threadIdx.x < 8) out[threadIdx.x] = __shfl_down_sync(0xFFU, static_cast<int>(threadIdx.x), 4);
}

TEST_F(CollectiveFaults, AShuffleFromALaneThatTakesNoPart) {
  DeviceBuffer<int> out(32);
  EXPECT_THAT(fault_of([&] { run(reads_inactive, 1, 32, out.data()); }),
              AllOf(HasSubstr(at_line(__FILE__, kReadsInactive)), HasSubstr("takes no part")));
}

__global__ void reads_beyond_the_block(int* out) {
  out[threadIdx.x] = __shfl_sync(kAll, static_cast<int>(threadIdx.x), 20);
}

TEST_F(CollectiveFaults, AShuffleFromBeyondTheBlock) {
  DeviceBuffer<int> out(32);
  EXPECT_EQ(fault_of([&] { run(reads_beyond_the_block, 1, 24, out.data()); }), "");
  EXPECT_THAT(fault_of([&] { run(reads_beyond_the_block, 1, 20, out.data()); }),
              HasSubstr("reads lane 20"));
}

TEST_F(CollectiveFaults, TheMachineGoesOnAfterAFault) {
  DeviceBuffer<int> out(32);
  for (int time = 0; time < 20; ++time)
    EXPECT_NE(fault_of([&] { run(lane_stays_away, 50, 32, out.data()); }), "");
  run(different_masks, 1, 4);
}

}  // namespace
}  // namespace consilience::cuda_emulator
