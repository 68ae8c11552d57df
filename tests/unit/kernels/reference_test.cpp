#include <gtest/gtest.h>

#include <cmath>

#include "kernels/ops/overlap.h"
#include "tests/support/neighbor_lists.h"

/// The reference on inputs that a person can work out.
namespace consilience::testing {
namespace {

using kernels::Backend;
using kernels::Context;
using kernels::ListView;

const Context kReference = {Backend::reference, 1};

Matrix<float> matrix(int64_t rows, int64_t cols, std::vector<float> values) {
  Matrix<float> x(rows, cols);
  x.values() = std::move(values);
  return x;
}

TEST(ReferenceCondition, QuantileTakesTheElementBelow) {
  const Matrix<float> a = matrix(1, 3, {-4, 1, 0});
  const Matrix<float> b = matrix(2, 1, {-3, 2});  // |x| sorted: 0 1 2 3 4
  const std::vector<MatrixView<const float>> layers = {a.view(), b.view()};
  EXPECT_EQ(kernels::abs_quantile(kReference, layers, 0.0), 0.0F);
  EXPECT_EQ(kernels::abs_quantile(kReference, layers, 0.39), 1.0F);
  EXPECT_EQ(kernels::abs_quantile(kReference, layers, 0.4), 2.0F);
  EXPECT_EQ(kernels::abs_quantile(kReference, layers, 0.95), 4.0F);
  EXPECT_EQ(kernels::abs_quantile(kReference, layers, 1.0), 4.0F);
}

TEST(ReferenceCondition, SampleQuantilesAreInterpolatedAndAveraged) {
  const Matrix<float> a = matrix(2, 2, {-4, 1, 10, 10});
  const Matrix<float> b = matrix(2, 1, {2, 10});  // rows: 1 2 4 and 10 10 10
  const std::vector<MatrixView<const float>> layers = {a.view(), b.view()};
  EXPECT_EQ(kernels::mean_sample_quantile(kReference, layers, 0.75), (3.0 + 10.0) / 2);
}

TEST(ReferenceCondition, ClampThenCentreThenScale) {
  const Matrix<float> x = matrix(2, 2, {5, -1, 1, 1});
  const auto mean = kernels::column_mean(kReference, x.view(), 3.0F);
  EXPECT_EQ(mean, (std::vector<double>{2, 0}));
  const auto scales = kernels::row_scales(kReference, x.view(), 3.0F, mean);
  EXPECT_EQ(scales, std::vector<double>(2, 1 / std::sqrt(2.0)));
}

TEST(ReferenceCondition, AZeroRowHasAnInfiniteScale) {
  const Matrix<float> x = matrix(1, 2, {0, 0});
  EXPECT_EQ(kernels::row_scales(kReference, x.view(), 1.0F, {})[0],
            std::numeric_limits<double>::infinity());
}

TEST(ReferenceCondition, FirstDifferingRowIsTakenAfterTheClamp) {
  const Matrix<float> x = matrix(3, 1, {5, 7, 1});
  EXPECT_EQ(kernels::first_differing_row(x.view(), 9.0F), 1);
  EXPECT_EQ(kernels::first_differing_row(x.view(), 4.0F), 2);
  EXPECT_EQ(kernels::first_differing_row(x.view(), 1.0F), std::nullopt);
}

TEST(ReferenceNeighbors, BestFirstTiesByIndexSelfByIndex) {
  // Row 3 repeats row 0; dots with row 0: 4, 2, 2, 4, -2.
  const Features features = {.x = matrix(5, 1, {2, 1, 1, 2, -1}), .mean = {}, .scale = {}};
  const auto self = self_rows(5);
  kernels::NeighborParams params;
  params.k = 2;
  params.self = self;
  const Lists lists = find_neighbors(kReference, features.view(), features.view(), params);
  EXPECT_EQ(lists.index(0, 0), 3);
  EXPECT_EQ(lists.index(0, 1), 1);
  EXPECT_EQ(lists.score(0, 1), 2.0);
  EXPECT_EQ(lists.next_score[0], 2.0);
  EXPECT_EQ(lists.ties[0], 1);
  EXPECT_EQ(lists.index(4, 0), 1);  // the least negative: -1, -1, then -2, -2
  EXPECT_EQ(lists.ties[4], 0);
}

TEST(ReferenceNeighbors, ExactlyKRowsLeaveNoNextScore) {
  const Features features = {.x = matrix(3, 1, {2, 1, 3}), .mean = {}, .scale = {}};
  const auto self = self_rows(3);
  kernels::NeighborParams params;
  params.k = 2;
  params.self = self;
  params.similarity = kernels::Similarity::euclidean;
  const Lists lists = find_neighbors(kReference, features.view(), features.view(), params);
  EXPECT_EQ(lists.index(1, 0), 0);
  EXPECT_EQ(lists.score(1, 1), 4.0);
  EXPECT_TRUE(std::isnan(lists.next_score[1]));
}

TEST(ReferenceOverlap, PermutationMovesRowsAndTheirEntries) {
  Matrix<int32_t> a(3, 1);
  Matrix<int32_t> b(3, 1);
  a.values() = {1, 2, 0};  // 0 -> 1 -> 2 -> 0
  b.values() = {2, 0, 1};  // the other way round
  const std::vector<ListView> as = {a.view()};
  const std::vector<ListView> bs = {b.view()};
  Matrix<int64_t> counts(1, 1);
  kernels::overlap_counts(kReference, as, bs, 1, {}, counts.view());
  EXPECT_EQ(counts(0, 0), 0);
  const std::vector<int32_t> swap = {1, 0, 2};  // reverses the circle
  kernels::overlap_counts(kReference, as, bs, 1, swap, counts.view());
  EXPECT_EQ(counts(0, 0), 3);
}

}  // namespace
}  // namespace consilience::testing
