#include "engine/inference/cross_fit.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

/// One row of layers a against two layers b; samples 0 1 2 3.
PreparedGrid two_cells(std::vector<double> first, std::vector<double> second,
                       const std::string& reason = "") {
  PreparedGrid grid;
  grid.rows = 4;
  grid.reasons = {"", reason};
  grid.per_sample = [=](int64_t, int64_t b) { return b == 0 ? first : second; };
  return grid;
}

const HalfSplits kSplits{.half = {{0, 0, 1, 1}, {0, 1, 1, 1}}, .groups = {}};

TEST(CrossFit, SumsByHand) {
  const Matrix<double> sums = query_half_sums(two_cells({1, 2, 3, 4}, {8, 0, 0, 1}), 2, kSplits);
  EXPECT_EQ(sums.values(), (std::vector<double>{3, 7, 1, 9, 8, 1, 8, 1}));
}

TEST(CrossFit, ScoresWhereItDidNotChoose) {
  // Split 0: half 0 chooses the second (8 > 3), scored on half 1: 1; half 1 chooses the first,
  // scored on half 0: 3. Split 1 likewise: 1 and 1. Over 4 queries and 2 splits.
  const Matrix<double> sums = query_half_sums(two_cells({1, 2, 3, 4}, {8, 0, 0, 1}), 2, kSplits);
  EXPECT_DOUBLE_EQ(cross_fitted(sums, 4, true), (1 + 3 + 1 + 1) / 8.0);
  // A distance chooses the smaller: first on half 0 -> 7, second on half 1 -> 8; and 9, 8.
  EXPECT_DOUBLE_EQ(cross_fitted(sums, 4, false), (7 + 8 + 9 + 8) / 8.0);
}

TEST(CrossFit, OneDefinedCellIsThePlainMean) {
  const Matrix<double> sums = query_half_sums(two_cells({1, 2, 3, 4}, {}, "constant"), 2, kSplits);
  EXPECT_TRUE(std::isnan(sums(1, 0)));
  EXPECT_DOUBLE_EQ(cross_fitted(sums, 4, true), 2.5);
}

TEST(CrossFit, NothingDefined) {
  PreparedGrid grid = two_cells({}, {}, "constant");
  grid.reasons[0] = "constant";
  EXPECT_TRUE(std::isnan(cross_fitted(query_half_sums(grid, 2, kSplits), 4, true)));
}

TEST(CrossFit, BadCalls) {
  PreparedGrid grid = two_cells({1, 2, 3, 4}, {1, 2, 3, 4});
  grid.rows = 5;
  EXPECT_THROW((void)query_half_sums(grid, 2, kSplits), Error);
  grid.rows = 4;
  grid.per_sample = {};
  EXPECT_THROW((void)query_half_sums(grid, 2, kSplits), Error);
}

}  // namespace
}  // namespace consilience::engine
