#include <functional>

#include "kernels/base/error.h"
#include "tests/cuda_emulator/tests/emulated.h"
#include "tests/support/hard_matrices.h"
#include "tests/support/neighbor_lists.h"

/// Neighbours on emulated machines that differ: the bits never do.
namespace consilience::testing {
namespace {

using kernels::Backend;
using kernels::Context;
using kernels::NeighborParams;
using kernels::Similarity;

const Context kReference = {Backend::reference, 1};
const Context kCuda = {Backend::cuda, 2};

class EmulatedNeighbors : public cuda_emulator::Emulator {
 protected:
  ~EmulatedNeighbors() override { cuda_emulator::set_l2(size_t{64} << 10); }
};

NeighborParams within(int k, const std::vector<int64_t>& self) {
  NeighborParams params;
  params.k = k;
  params.self = self;
  return params;
}

/// Rows in clusters of `size`, `spread` wide where rows are about one long.
Matrix<float> clusters(int64_t n, int64_t d, int64_t size, double spread) {
  const Matrix<float> centres = normal_matrix(n / size + 1, d, 81);
  Matrix<float> x = normal_matrix(n, d, 82);
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t f = 0; f < d; ++f) {
      x(i, f) = static_cast<float>(centres(i / size, f) + spread * x(i, f));
    }
  }
  return x;
}

TEST_F(EmulatedNeighbors, AnyNumberOfDevices) {
  const Features all = centred_l2_rows(normal_matrix(450, 40, 1), 2.0F);
  const Features others = {.x = normal_matrix(150, 40, 2), .mean = {}, .scale = {}};
  const auto self = self_rows(450);
  std::vector<int32_t> group(450);
  for (size_t i = 0; i < group.size(); ++i) group[i] = static_cast<int32_t>(i / 3);
  NeighborParams grouped;
  grouped.query_group = grouped.gallery_group = group;
  const Features raw = {.x = all.x, .mean = {}, .scale = {}};
  const Lists selves = find_neighbors(kReference, all.view(), all.view(), within(10, self));
  const Lists strangers = find_neighbors(kReference, others.view(), raw.view(), within(10, {}));
  const Lists apart = find_neighbors(kReference, all.view(), all.view(), grouped);
  for (const int devices : {1, 2, 3, 7}) {
    SCOPED_TRACE(devices);
    cuda_emulator::set_devices(devices);
    const Lists found = find_neighbors(kCuda, all.view(), all.view(), within(10, self));
    expect_same(found, selves);
    EXPECT_EQ(found.work.arithmetic, "f16");
    expect_same(find_neighbors(kCuda, others.view(), raw.view(), within(10, {})), strangers);
    expect_same(find_neighbors(kCuda, all.view(), all.view(), grouped), apart);
  }
}

TEST_F(EmulatedNeighbors, DevicesThatAreAskedFor) {
  const Features all = {.x = normal_matrix(100, 8, 1), .mean = {}, .scale = {}};
  const auto self = self_rows(100);
  const Lists expected = find_neighbors(kReference, all.view(), all.view(), within(3, self));
  cuda_emulator::set_devices(4);
  Context some = kCuda;
  some.first_device = 1;
  some.devices = 2;
  expect_same(find_neighbors(some, all.view(), all.view(), within(3, self)), expected);
  some.devices = 4;
  try {
    find_neighbors(some, all.view(), all.view(), within(3, self));
    ADD_FAILURE() << "device 4 of 4 was used";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "CUDA: devices 1 to 4 were asked for, 4 are there");
  }
}

TEST_F(EmulatedNeighbors, AnyOrderOfThreadsBlocksAndStreamsAndAnyTile) {
  const Features all = centred_l2_rows(normal_matrix(400, 24, 3), 2.0F);
  const auto self = self_rows(400);
  const Lists expected = find_neighbors(kReference, all.view(), all.view(), within(5, self));
  for (uint64_t seed = 1; seed <= 6; ++seed) {
    SCOPED_TRACE(seed);
    cuda_emulator::set_seed(seed);
    cuda_emulator::set_l2(size_t{8} << (10 + 2 * (seed % 4)));
    expect_same(find_neighbors(kCuda, all.view(), all.view(), within(5, self)), expected);
  }
}

TEST_F(EmulatedNeighbors, F16TellsMostRowsApart) {
  const Features all = centred_l2_rows(normal_matrix(1500, 64, 4), 2.0F);
  const auto self = self_rows(1500);
  cuda_emulator::reset_counters();
  const Lists found = find_neighbors(kCuda, all.view(), all.view(), within(10, self));
  EXPECT_EQ(found.work.arithmetic, "f16");
  EXPECT_EQ(found.work.redone, 0);
  EXPECT_LT(found.work.candidates, 1500 * 20);  // 11 are needed
  // A tile for every pair of blocks, its transpose for free.
  const int64_t blocks = (1500 + 63) / 64;
  EXPECT_EQ(cuda_emulator::counters().products, blocks * (blocks + 1) / 2);
}

TEST_F(EmulatedNeighbors, WhatF16CannotTellApartIsDoneInF32) {
  const auto self = self_rows(600);
  const auto expect_work = [&](int64_t cluster, std::string_view arithmetic, int64_t least_redone,
                               int64_t most_redone) {
    const Features all = {.x = clusters(600, 32, cluster, 5e-4), .mean = {}, .scale = {}};
    const Lists found = find_neighbors(kCuda, all.view(), all.view(), within(5, self));
    EXPECT_EQ(found.work.arithmetic, arithmetic);
    EXPECT_GE(found.work.redone, least_redone);
    EXPECT_LE(found.work.redone, most_redone);
    expect_same(found, find_neighbors(kReference, all.view(), all.view(), within(5, self)));
  };
  expect_work(200, "f16", 500, 600);       // seen on the way
  cuda_emulator::set_l2(size_t{1} << 20);  // blocks of 288 rows
  expect_work(300, "f32", 0, 0);           // seen in the first blocks: f16 goes no further
}

TEST_F(EmulatedNeighbors, AFewRowsAreDoneAgain) {
  Matrix<float> x = normal_matrix(1500, 16, 83);
  const Matrix<float> tight = clusters(130, 16, 130, 3e-5);
  for (int64_t i = 0; i < 130; ++i) std::ranges::copy(tight.row(i), x.row(11 * i).begin());
  const Features all = {.x = std::move(x), .mean = {}, .scale = {}};
  const auto self = self_rows(1500);
  NeighborParams params = within(5, self);
  params.similarity = Similarity::euclidean;
  const Lists found = find_neighbors(kCuda, all.view(), all.view(), params);
  EXPECT_GE(found.work.redone, 100);
  EXPECT_LT(found.work.redone, 300);
  expect_same(found, find_neighbors(kReference, all.view(), all.view(), params));
}

/// The rows alone are 250 kB, what a search of itself takes about 1.5 MB.
TEST_F(EmulatedNeighbors, AGalleryBeyondTheDevice) {
  const Features all = centred_l2_rows(normal_matrix(500, 128, 5), 2.0F);
  const Features others = {.x = normal_matrix(60, 128, 6), .mean = {}, .scale = {}};
  const Features raw = {.x = all.x, .mean = {}, .scale = {}};
  const auto self = self_rows(500);
  const Lists selves = find_neighbors(kReference, all.view(), all.view(), within(10, self));
  const Lists strangers = find_neighbors(kReference, others.view(), raw.view(), within(10, {}));
  constexpr size_t kMemory = 300'000;
  cuda_emulator::set_memory(kMemory);
  cuda_emulator::reset_counters();
  for (const int devices : {1, 2}) {
    cuda_emulator::set_devices(devices);
    expect_same(find_neighbors(kCuda, all.view(), all.view(), within(10, self)), selves);
    expect_same(find_neighbors(kCuda, others.view(), raw.view(), within(10, {})), strangers);
  }
  EXPECT_LE(cuda_emulator::counters().peak_bytes, kMemory);
}

/// From far too little to plenty: an answer or out_of_memory, and the answer is right.
TEST_F(EmulatedNeighbors, TooLittleMemory) {
  const Features all = {.x = normal_matrix(150, 48, 7), .mean = {}, .scale = {}};
  const auto self = self_rows(150);
  const Lists expected = find_neighbors(kReference, all.view(), all.view(), within(4, self));
  int refused = 0;
  int answered = 0;
  for (size_t bytes = 2000; bytes < 2'000'000; bytes += bytes / 4) {
    cuda_emulator::set_memory(bytes);
    try {
      expect_same(find_neighbors(kCuda, all.view(), all.view(), within(4, self)), expected);
      ++answered;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), Failure::out_of_memory) << error.what();
      EXPECT_EQ(answered, 0) << bytes << " bytes: " << error.what();
      ++refused;
    }
  }
  EXPECT_GT(refused, 0);
  EXPECT_GT(answered, 5);
}

TEST_F(EmulatedNeighbors, NoDriverAnOldOneAndADeviceThatAnotherHolds) {
  const Features all = {.x = normal_matrix(50, 8, 8), .mean = {}, .scale = {}};
  const auto expect_failure = [&](Failure kind, const std::string& message) {
    try {
      find_neighbors(kCuda, all.view(), all.view(), within(3, {}));
      ADD_FAILURE() << "nothing was thrown";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), kind);
      EXPECT_THAT(error.what(), ::testing::HasSubstr(message));
    }
  };
  cuda_emulator::set_driver(cuda_emulator::Driver::none);
  expect_failure(Failure::never, "CUDA: no driver is installed: use the cpu backend");
  cuda_emulator::set_driver(cuda_emulator::Driver::old);
  expect_failure(Failure::never, "the driver serves CUDA 12.9, expected 13.0 or newer: update it");
  cuda_emulator::set_driver(cuda_emulator::Driver::good);
  cuda_emulator::set_held(true);
  expect_failure(Failure::transient, "cudaErrorDevicesUnavailable");
}

}  // namespace
}  // namespace consilience::testing
