#include "engine/inference/query_bootstrap.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "kernels/base/error.h"
#include "tests/support/random_matrix.h"

namespace consilience::engine {
namespace {

const std::vector<double> kScores = {0.1, 0.4, 0.4, 0.9, 0.0, 0.3};

TEST(QueryBootstrap, ByHand) {
  // mean 1/2: sqrt(1/4 + 1/4) / 2.
  const Interval interval = query_bootstrap(std::vector{0.0, 1.0});
  EXPECT_DOUBLE_EQ(interval.sd, std::sqrt(0.5) / 2);
  EXPECT_DOUBLE_EQ(interval.lo, 0.5 - 1.96 * interval.sd);
  EXPECT_THAT(interval.label, ::testing::HasSubstr("this gallery only"));
}

/// What it stands for: the spread of the mean over many real resamples, of rows and of groups.
/// The sd of 20,000 draws is within 2.5 % by far (its own relative sd is 0.5 %).
TEST(QueryBootstrap, IsTheSpreadOverResamples) {
  for (const auto& groups : {std::vector<int32_t>{}, std::vector<int32_t>{0, 0, 1, 1, 2, 2}}) {
    testing::Draws draws(5);
    const int64_t units = groups.empty() ? 6 : 3;
    double sum = 0;
    double squares = 0;
    constexpr int kDraws = 20'000;
    for (int d = 0; d < kDraws; ++d) {
      double mean = 0;
      for (int64_t u = 0; u < units; ++u) {
        const int32_t unit = draws.below(units);
        for (size_t i = 0; i < kScores.size(); ++i)
          if ((groups.empty() ? static_cast<int32_t>(i) : groups[i]) == unit)
            mean += kScores[i] / static_cast<double>(kScores.size());
      }
      sum += mean / kDraws;
      squares += mean * mean / kDraws;
    }
    EXPECT_NEAR(query_bootstrap(kScores, groups).sd / std::sqrt(squares - sum * sum), 1, 0.025);
  }
}

TEST(QueryBootstrap, NeedsScoresPerSample) {
  EXPECT_FALSE(query_bootstrap({}).reason.empty());
  EXPECT_THROW((void)query_bootstrap(kScores, std::vector<int32_t>{1, 2}), Error);
}

}  // namespace
}  // namespace consilience::engine
