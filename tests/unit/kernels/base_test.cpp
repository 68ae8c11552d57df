#include <gtest/gtest.h>

#include <atomic>
#include <bit>
#include <cfenv>
#include <numeric>
#include <stdexcept>

#include "kernels/base/candidate_bound.h"
#include "kernels/base/fixed_sum.h"
#include "kernels/base/float_environment.h"
#include "kernels/base/interpolated_quantile.h"
#include "kernels/base/merge.h"
#include "kernels/base/parallel.h"

#if defined(__SSE__)
#include <xmmintrin.h>
#endif

namespace consilience::kernels {
namespace {

TEST(FixedSum, LanesAreFilledInTurnAndAddedByTheTree) {
  // 2^53 in lane 0 swallows the ones that meet it: the order decides what is left.
  std::vector<double> u = {0x1p53, 0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 1};
  const auto value = [&](int64_t f) { return u[static_cast<size_t>(f)]; };
  const auto one = [](int64_t) { return 1.0; };
  // lane 0: 2^53 + 1 -> 2^53; lane 4: 1; l0 + l4 -> 2^53; l2 + l6 = 1 -> 2^53; odd lanes: 1.
  EXPECT_EQ(fixed_dot(12, value, one), 0x1p53);
  u[4] = 2;
  EXPECT_EQ(fixed_dot(12, value, one), 0x1p53 + 2 + 2);  // 2^53 + 2, + 1 rounds to even, + 1
}

TEST(FixedSum, TheTreePairsLanesFourApart) {
  const double lane[kLanes] = {0x1p53, 0x1p53, 1, 1, -0x1p53, -0x1p53, 0, 0};
  EXPECT_EQ(lane_tree(lane), 2.0);  // any other pairing loses a one
}

TEST(FixedSum, AnOddBlockIsCarriedUp) {
  // ((b0 + b1) + (b2 + b3)) + b4, with one column.
  std::vector<double> sums = {1, 0x1p53, -0x1p53, 1, 0.5};
  const double expected = ((1 + 0x1p53) + (-0x1p53 + 1)) + 0.5;
  reduce_column_blocks(sums, 5, 1);
  EXPECT_EQ(sums[0], expected);
}

TEST(BestRows, KeepsTheBestInOrderAndCountsTies) {
  for (const int k : {1, 3, 50}) {
    BestRows best(k);
    std::vector<Ranked> all;
    for (int32_t i = 0; i < 5000; ++i) {
      all.push_back({static_cast<double>(i * 7919 % 23), i});
      best.push(all.back());
    }
    std::ranges::sort(all, ranks_before);
    const auto found = best.finish();
    const auto keep = static_cast<size_t>(k);
    ASSERT_EQ(found.size(), keep + 1);
    for (size_t r = 0; r <= keep; ++r) EXPECT_EQ(found[r].index, all[r].index) << r;
    const auto tied = std::count_if(all.begin() + k, all.end(), [&](const Ranked& row) {
      return row.merit == all[keep - 1].merit;
    });
    EXPECT_EQ(best.ties(), tied);
  }
}

TEST(BestRows, FewerRowsThanAsked) {
  BestRows best(3);
  best.push({1.0, 4});
  best.push({1.0, 2});
  best.push({1.0, 9});
  const auto found = best.finish();
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].index, 2);
  EXPECT_EQ(best.ties(), 0);
}

TEST(CandidateBound, RoundsUp) {
  for (const double x : {1.0, 1.0 + 0x1p-40, 0.1, 1e-300, 0x1p-149, 3e38, 0.0}) {
    EXPECT_GE(static_cast<double>(round_up(x)), x);
  }
  EXPECT_EQ(round_up(1.0), 1.0F);
  EXPECT_GT(round_up(1.0 + 0x1p-40), 1.0F);
}

TEST(InterpolatedQuantile, NumpysLinearRule) {
  std::vector<float> values = {4, 1, 3, 2};
  EXPECT_EQ(interpolated_quantile(values, 0.0), 1.0);
  EXPECT_EQ(interpolated_quantile(values, 0.5), 2.5);
  EXPECT_EQ(interpolated_quantile(values, 1.0), 4.0);
  EXPECT_EQ(interpolated_quantile(values, 0.95), 4 - (1 - (0.95 * 3 - 2)));
}

TEST(FloatEnvironment, RoundsToNearestAndPutsBackWhatWas) {
  std::fesetround(FE_UPWARD);
  {
    const FloatEnvironment environment;
    EXPECT_EQ(std::fegetround(), FE_TONEAREST);
  }
  EXPECT_EQ(std::fegetround(), FE_UPWARD);
  std::fesetround(FE_TONEAREST);
}

#if defined(__SSE__)
TEST(FloatEnvironment, KeepsSubnormalsInEveryWorker) {
  constexpr unsigned kFlushToZero = 0x8040;
  const unsigned before = _mm_getcsr();
  _mm_setcsr(before | kFlushToZero);
  std::atomic<int> lost = 0;
  parallel_for({Backend::cpu, 3}, 64, 1, [&](int64_t, int64_t) {
    volatile float tiny = 0x1p-130F;
    // Bits: where subnormals are lost, a comparison takes them for zero too.
    if (std::bit_cast<uint32_t>(tiny * 0.5F) != 1U << 18) ++lost;
  });
  EXPECT_EQ(lost, 0);
  EXPECT_EQ(_mm_getcsr() & kFlushToZero, kFlushToZero);
  _mm_setcsr(before);
}
#endif

TEST(ParallelFor, CoversEveryPieceOnce) {
  for (const int threads : {0, 1, 2, 3}) {
    std::vector<std::atomic<int>> hits(1000);
    parallel_for({Backend::cpu, threads}, 1000, 7, [&](int64_t begin, int64_t end) {
      EXPECT_LE(end - begin, 7);
      for (int64_t i = begin; i < end; ++i) ++hits[static_cast<size_t>(i)];
    });
    for (const auto& hit : hits) EXPECT_EQ(hit, 1);
  }
  parallel_for({}, 0, 5, [](int64_t, int64_t) { FAIL(); });
}

TEST(ParallelFor, PassesExceptionsOn) {
  for (const int threads : {1, 2}) {
    EXPECT_THROW(parallel_for({Backend::cpu, threads}, 100, 1,
                              [](int64_t begin, int64_t) {
                                if (begin == 57) throw std::runtime_error("57");
                              }),
                 std::runtime_error);
  }
}

}  // namespace
}  // namespace consilience::kernels
