#include <algorithm>
#include <numeric>

#include "tests/cuda_emulator/random.h"
#include "tests/cuda_emulator/tests/emulated.h"

/// Kernels that do right do so whoever runs first.
namespace consilience::cuda_emulator {
namespace {

constexpr uint64_t kSeeds = 40;

class RightKernels : public Emulator {};

/// out [blocks] <- the sum of each block's part of in.
__global__ void add_blocks(const int* in, int* out) {
  SHARED(int, parts, 128);
  parts[threadIdx.x] = in[blockIdx.x * blockDim.x + threadIdx.x];
  for (unsigned half = blockDim.x / 2; half > 0; half /= 2) {
    __syncthreads();
    if (threadIdx.x < half) parts[threadIdx.x] += parts[threadIdx.x + half];
  }
  if (threadIdx.x == 0) out[blockIdx.x] = parts[0];
}

TEST_F(RightKernels, ABlockAddsUp) {
  std::vector<int> in(128 * 9);
  std::iota(in.begin(), in.end(), 0);
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    set_seed(seed);
    const Stream stream;
    DeviceBuffer<int> device_in(std::ssize(in));
    DeviceBuffer<int> device_out(9);
    device_in.upload(in, stream);
    launch(add_blocks, 9, 128, 0, stream.get(), static_cast<const int*>(device_in.data()),
           device_out.data());
    const std::vector<int> out = device_out.download(9, stream);
    for (int b = 0; b < 9; ++b)
      ASSERT_EQ(out[static_cast<size_t>(b)],
                std::accumulate(in.begin() + 128 * b, in.begin() + 128 * (b + 1), 0));
  }
}

/// Each warp sorts its 32 values by exchanges.
__global__ void sort_warps(int* values) {
  const unsigned lane = threadIdx.x % 32;
  int value = values[blockIdx.x * blockDim.x + threadIdx.x];
  for (unsigned size = 2; size <= 32; size *= 2) {
    for (unsigned step = size / 2; step > 0; step /= 2) {
      const int other = __shfl_xor_sync(0xFFFFFFFFU, value, static_cast<int>(step));
      const bool keeps_low = ((lane & step) == 0) == ((lane & size) == 0);
      value = keeps_low ? min(value, other) : max(value, other);
    }
  }
  values[blockIdx.x * blockDim.x + threadIdx.x] = value;
}

TEST_F(RightKernels, AWarpSorts) {
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    set_seed(seed);
    std::vector<int> values(96 * 3);
    Random random(seed);
    for (int& value : values) value = static_cast<int>(random.below(1000));
    const Stream stream;
    DeviceBuffer<int> device(std::ssize(values));
    device.upload(values, stream);
    launch(sort_warps, 3, 96, 0, stream.get(), device.data());
    const std::vector<int> sorted = device.download(std::ssize(values), stream);
    for (size_t warp = 0; warp < values.size(); warp += 32)
      std::sort(values.begin() + static_cast<int64_t>(warp),
                values.begin() + static_cast<int64_t>(warp) + 32);
    ASSERT_EQ(sorted, values);
  }
}

/// Appends what `values` holds of multiples of 3, a place for a whole warp at a time.
__global__ void append(const int* values, int size, int* list, int* count) {
  const int at = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  const bool wanted = at < size && values[at] % 3 == 0;
  const unsigned lanes = __ballot_sync(0xFFFFFFFFU, wanted);
  const int lane = static_cast<int>(threadIdx.x) % 32;
  int first = 0;
  if (lane == 0 && lanes != 0) first = atomicAdd(count, __popc(lanes));
  first = __shfl_sync(0xFFFFFFFFU, first, 0);
  if (wanted) list[first + __popc(lanes & ((1U << lane) - 1))] = values[at];
}

TEST_F(RightKernels, WarpsAppendToAList) {
  std::vector<int> values(1000);
  std::iota(values.begin(), values.end(), 0);
  std::vector<std::vector<int>> orders;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    set_seed(seed);
    const Stream stream;
    DeviceBuffer<int> device(1000);
    DeviceBuffer<int> list(1000);
    DeviceBuffer<int> count(1);
    device.upload(values, stream);
    count.fill_bytes(0, stream);
    launch(append, 16, 64, 0, stream.get(), static_cast<const int*>(device.data()), 1000,
           list.data(), count.data());
    std::vector<int> found = list.download(count.download(1, stream)[0], stream);
    orders.push_back(found);
    std::ranges::sort(found);
    ASSERT_EQ(found.size(), 334U);
    for (int i = 0; i < 334; ++i) ASSERT_EQ(found[static_cast<size_t>(i)], 3 * i);
  }
  std::ranges::sort(orders);
  EXPECT_GT(std::ranges::unique(orders).begin() - orders.begin(), int64_t{kSeeds} / 2)
      << "other seeds are other orders";
}

__global__ void votes(int* out) {
  const int self = static_cast<int>(threadIdx.x);
  const unsigned odd = 0xAAAAAAAAU;
  if (self < 32) {  // two groups of one warp go their own ways
    if (self % 2 == 1) {
      out[self] = __reduce_add_sync(odd, self) * 10 + __any_sync(odd, self == 7);
    } else {
      out[self] = static_cast<int>(__reduce_max_sync(~odd, static_cast<unsigned>(self))) * 10 +
                  __all_sync(~odd, self < 30);
    }
  }
  out[self] += 1000 * __syncthreads_count(self % 5 == 0) + 100000 * __syncthreads_or(self == 40) +
               1000000 * __syncthreads_and(self < 47);
}

TEST_F(RightKernels, GroupsOfAWarpAndThePartialWarpVote) {
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    set_seed(seed);
    const Stream stream;
    DeviceBuffer<int> out(48);
    out.fill_bytes(0, stream);
    launch(votes, 1, 48, 0, stream.get(), out.data());
    const std::vector<int> found = out.download(48, stream);
    for (int i = 0; i < 48; ++i) {
      const int own = i >= 32 ? 0 : (i % 2 == 1 ? 2561 : 300);
      ASSERT_EQ(found[static_cast<size_t>(i)], own + 10000 + 100000) << i;
    }
  }
}

__global__ void shuffles(int* out) {
  const int self = static_cast<int>(threadIdx.x);
  out[4 * self] = __shfl_up_sync(0xFFFFFFFFU, self, 3, 16);
  out[4 * self + 1] = __shfl_down_sync(0xFFFFFFFFU, self, 3, 16);
  out[4 * self + 2] = __shfl_sync(0xFFFFFFFFU, self, 5, 8);
  out[4 * self + 3] = static_cast<int>(__shfl_xor_sync(0xFFFFFFFFU, 0.5 * self, 9) * 2);
}

TEST_F(RightKernels, ShufflesStayInTheirSegment) {
  const Stream stream;
  DeviceBuffer<int> out(128);
  launch(shuffles, 1, 32, 0, stream.get(), out.data());
  const std::vector<int> found = out.download(128, stream);
  for (int i = 0; i < 32; ++i) {
    const auto at = static_cast<size_t>(4 * i);
    EXPECT_EQ(found[at], i % 16 >= 3 ? i - 3 : i);
    EXPECT_EQ(found[at + 1], i % 16 < 13 ? i + 3 : i);
    EXPECT_EQ(found[at + 2], i / 8 * 8 + 5);
    EXPECT_EQ(found[at + 3], i ^ 9);
  }
}

/// Threads that end early are not waited for.
__global__ void some_leave(int* out) {
  if (threadIdx.x % 2 == 0) return;
  __syncthreads();
  __syncwarp();
  atomicAdd(out, 1);
}

TEST_F(RightKernels, ThreadsThatEndedAreNotWaitedFor) {
  const Stream stream;
  DeviceBuffer<int> out(1);
  out.fill_bytes(0, stream);
  launch(some_leave, 2, 64, 0, stream.get(), out.data());
  EXPECT_EQ(out.download(1, stream)[0], 64);
}

}  // namespace
}  // namespace consilience::cuda_emulator
