#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "engine/metrics/alignment/cca.h"
#include "engine/metrics/alignment/ridge_folds.h"
#include "kernels/base/philox.h"
#include "tests/support/alignment_reference.h"
#include "tests/support/metric_sides.h"
#include "tests/support/random_matrix.h"

namespace consilience::testing {
namespace {

/// A metric and its definition.
struct Defined {
  std::string metric;
  std::function<double(const Dense& x, const Dense& y)> value;
};

const std::vector<Defined> kDefined = {
    {"cca_mean", reference::cca_mean},
    {"svcca_rank(rank=3)",
     [](const Dense& x, const Dense& y) { return reference::svcca(x, 3, y, 3); }},
    {"svcca_99(rank_x=2, rank_y=3)",
     [](const Dense& x, const Dense& y) { return reference::svcca(x, 2, y, 3); }},
    {"pwcca(weights=x)",
     [](const Dense& x, const Dense& y) { return reference::pwcca(x, y, false); }},
    {"pwcca(weights=y)",
     [](const Dense& x, const Dense& y) { return reference::pwcca(y, x, false); }},
    {"pwcca_sample_l1(weights=x)",
     [](const Dense& x, const Dense& y) { return reference::pwcca(x, y, true); }},
    {"pwcca_sample_l1(weights=y)",
     [](const Dense& x, const Dense& y) { return reference::pwcca(y, x, true); }},
    {"linear_regression_r2(direction=x->y)", reference::linear_r2},
    {"linear_regression_r2(direction=y->x)",
     [](const Dense& x, const Dense& y) { return reference::linear_r2(y, x); }},
    {"nbs", reference::nbs},
    {"procrustes_distance", reference::procrustes_distance},
    {"procrustes_distance_normalised",
     [](const Dense& x, const Dense& y) { return std::sqrt(2 - 2 * reference::nbs(x, y)); }},
    {"procrustes_angular",
     [](const Dense& x, const Dense& y) { return std::acos(reference::nbs(x, y)); }},
    {"shape_metric(alpha=0)",
     [](const Dense& x, const Dense& y) { return reference::shape(x, y, 0); }},
    {"shape_metric(alpha=0.3)",
     [](const Dense& x, const Dense& y) { return reference::shape(x, y, 0.3); }},
    {"shape_metric(alpha=1)",
     [](const Dense& x, const Dense& y) { return reference::shape(x, y, 1); }},
    {"ridge_r2_cv5(alpha=2.5, direction=x->y)",
     [](const Dense& x, const Dense& y) { return reference::ridge_r2(x, y, 2.5); }},
    {"ridge_r2_cv5(alpha=0, direction=y->x)",
     [](const Dense& x, const Dense& y) { return reference::ridge_r2(y, x, 0); }},
    {"ridge_r2_cv5_pooled(alpha=1, direction=y->x)",
     [](const Dense& x, const Dense& y) { return reference::ridge_r2_pooled(y, x, 1); }},
};

struct Shape {
  int64_t n, dx, dy;
};
const std::vector<Shape> kShapes = {{23, 3, 7}, {41, 8, 5}, {64, 6, 6}, {130, 4, 9}};

/// y shares half of its variance with x; both have an offset.
Matrix<float> partner(const Matrix<float>& x, int64_t d, uint64_t seed) {
  Matrix<float> y = normal_matrix(x.rows(), d, seed);
  for (int64_t i = 0; i < y.rows(); ++i)
    for (int64_t f = 0; f < d; ++f) y(i, f) += x(i, f % x.cols()) + 3;
  return y;
}

TEST(AlignmentDefinitions, FastIsWhatTheDefinitionSays) {
  for (const Shape& shape : kShapes) {
    const Matrix<float> x = normal_matrix(shape.n, shape.dx, 7);
    const Matrix<float> y = partner(x, shape.dy, 8);
    for (const Defined& defined : kDefined) {
      SCOPED_TRACE(fmt::format("{} n={}", defined.metric, shape.n));
      const double expected = defined.value(widened(x), widened(y));
      EXPECT_NEAR(score(defined.metric, x, y), expected, 1e-9 * std::max(1.0, expected));
    }
  }
}

TEST(AlignmentDefinitions, ARelabellingMovesTheRowsOfOneSide) {
  const Matrix<float> x = normal_matrix(60, 5, 1);
  const Matrix<float> y = partner(x, 7, 2);
  const auto relabelling = kernels::permutation(3, 0, kernels::Purpose::permutation, 0, x.rows());
  Matrix<float> moved(60, 5), gathered(60, 7);
  for (int64_t i = 0; i < 60; ++i) {
    std::ranges::copy(x.row(i), moved.row(relabelling[static_cast<size_t>(i)]).begin());
    std::ranges::copy(y.row(relabelling[static_cast<size_t>(i)]), gathered.row(i).begin());
  }
  for (const Defined& defined : kDefined) {
    SCOPED_TRACE(defined.metric);
    const auto metric = engine::parse_metric(defined.metric);
    const MetricSide a("a", {x}, metric), b("b", {y}, metric);
    const auto grid = engine::prepare_metric({}, metric, a.input(), b.input());
    const double relabelled = grid.values(relabelling)(0, 0);
    // Folds stay with the predictor's rows.
    const bool x_has_folds = metric.name.starts_with("ridge") && metric.word("direction") == "x->y";
    const double expected = x_has_folds ? score(metric, x, gathered) : score(metric, moved, y);
    EXPECT_NEAR(relabelled, expected, 1e-12 * std::max(1.0, expected));
    EXPECT_GT(std::abs(relabelled - grid.values({})(0, 0)), 1e-3);
  }
}

TEST(AlignmentDefinitions, EveryCellOfAGridIsThatPairOfLayers) {
  const std::vector<Matrix<float>> xs = {normal_matrix(50, 4, 1), normal_matrix(50, 6, 2)};
  const std::vector<Matrix<float>> ys = {partner(xs[0], 5, 3), partner(xs[1], 4, 4),
                                         normal_matrix(50, 8, 5)};
  for (const Defined& defined : kDefined) {
    SCOPED_TRACE(defined.metric);
    const auto metric = engine::parse_metric(defined.metric);
    const MetricSide a("a", xs, metric), b("b", ys, metric);
    const auto values = engine::prepare_metric({}, metric, a.input(), b.input()).values({});
    for (size_t i = 0; i < xs.size(); ++i)
      for (size_t j = 0; j < ys.size(); ++j)
        EXPECT_NEAR(values(static_cast<int64_t>(i), static_cast<int64_t>(j)),
                    score(metric, xs[i], ys[j]), 1e-12 * 20);
  }
}

TEST(AlignmentDefinitions, RegressionChanceIsTheMeanOverRelabellings) {
  const Matrix<float> x = normal_matrix(40, 6, 1);
  const Matrix<float> y = partner(x, 3, 2);
  const auto metric = engine::parse_metric("linear_regression_r2(direction=x->y)");
  const MetricSide a("a", {x}, metric), b("b", {y}, metric);
  const auto grid = engine::prepare_metric({}, metric, a.input(), b.input());
  EXPECT_DOUBLE_EQ(grid.chance, 6.0 / 39);
  double sum = 0, squares = 0;
  constexpr int kDraws = 2000;
  for (uint32_t p = 0; p < kDraws; ++p) {
    const double value =
        grid.values(kernels::permutation(9, p, kernels::Purpose::permutation, 0, 40))(0, 0);
    sum += value;
    squares += value * value;
  }
  const double mean = sum / kDraws;
  const double error = std::sqrt((squares / kDraws - mean * mean) / kDraws);
  EXPECT_NEAR(mean, grid.chance, 4 * error);
}

TEST(Svcca99, KeepsTheSmallestRankThatReaches99Percent) {
  EXPECT_EQ(engine::directions_for_99(std::vector<double>{99, 0.5, 0.5}), 1);
  EXPECT_EQ(engine::directions_for_99(std::vector<double>{98, 1, 1}), 2);
  EXPECT_EQ(engine::directions_for_99(std::vector<double>{1, 1, 1}), 3);
}

TEST(Svcca99, SaysTheRanksThatTheRuleKept) {
  Matrix<float> x = normal_matrix(50, 4, 1);
  for (int64_t i = 0; i < 50; ++i) x(i, 3) *= 0.05F;  // 0.25 % of the deviation's square
  const Matrix<float> y = normal_matrix(50, 2, 2);
  const auto metric = engine::parse_metric("svcca_99(kept=variance)");
  const MetricSide a("a", {x}, metric), b("b", {y}, metric);
  const auto grid = engine::prepare_metric({}, metric, a.input(), b.input());
  ASSERT_EQ(grid.remarks.size(), 2U);
  EXPECT_EQ(grid.remarks[0], "a block_0/mean: 3 of 4 dimensions are kept");
  EXPECT_EQ(grid.remarks[1], "b block_0/mean: 2 of 2 dimensions are kept");
  EXPECT_NEAR(grid.values({})(0, 0), reference::svcca(widened(x), 3, widened(y), 2), 1e-9);
}

TEST(RidgeFolds, AreContiguousAndTheFirstOnesLonger) {
  const std::vector<int64_t> begins = {0, 3, 6, 8, 10};
  for (int k = 0; k < engine::kFolds; ++k)
    EXPECT_EQ(engine::fold_rows(12, k).begin, begins[static_cast<size_t>(k)]);
  EXPECT_EQ(engine::fold_rows(12, 4).end, 12);
}

TEST(RidgeFolds, BothWaysToPredictAgree) {
  // 40 rows to 3 directions keep two factors, 40 rows to 9 one.
  for (const int64_t d : {3, 9}) {
    const Matrix<float> x = normal_matrix(40, d, 1);
    const Matrix<float> y = partner(x, 2, 2);
    const auto folds = engine::factor_ridge({}, widened(x), 1);
    EXPECT_EQ(folds[0].right.cols() > 0, d == 3);
    EXPECT_NEAR(score("ridge_r2_cv5_pooled", x, y),
                reference::ridge_r2_pooled(widened(x), widened(y), 1), 1e-10);
  }
}

}  // namespace
}  // namespace consilience::testing
