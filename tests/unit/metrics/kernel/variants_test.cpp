#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "engine/linalg/linalg.h"
#include "engine/metrics/kernel/lower_triangles.h"
#include "engine/metrics/kernel/median_distance.h"
#include "engine/metrics/kernel/sigma.h"
#include "tests/support/exact_features.h"
#include "tests/support/metric_sides.h"
#include "tests/support/plain_kernels.h"

namespace consilience::engine {
namespace {

using testing::normal_matrix;

Matrix<float> rows_of(const Matrix<float>& x, int64_t begin, int64_t end) {
  Matrix<float> out(end - begin, x.cols());
  for (int64_t i = begin; i < end; ++i) std::ranges::copy(x.row(i), out.row(i - begin).begin());
  return out;
}

Matrix<float> column_of(const Matrix<float>& x, int64_t f) {
  Matrix<float> out(x.rows(), 1);
  for (int64_t i = 0; i < x.rows(); ++i) out(i, 0) = x(i, f);
  return out;
}

double linear_hsic(const Matrix<float>& x, const Matrix<float>& y) {
  return testing::hsic_debiased(testing::linear_kernel(x), testing::linear_kernel(y));
}

TEST(Minibatch, IsTheRatioOfMeansOverBatches) {
  const auto x = normal_matrix(50, 3, 1);
  const auto y = normal_matrix(50, 6, 2);
  double xy = 0;
  double xx = 0;
  double yy = 0;
  for (int64_t begin = 0; begin + 12 <= 50; begin += 12) {
    const auto u = rows_of(x, begin, begin + 12);
    const auto v = rows_of(y, begin, begin + 12);
    xy += linear_hsic(u, v);
    xx += linear_hsic(u, u);
    yy += linear_hsic(v, v);
  }
  EXPECT_NEAR(testing::score("cka_linear_minibatch(batch=12)", x, y), xy / std::sqrt(xx * yy),
              1e-12);
}

TEST(Minibatch, OneBatchIsDebiasedCka) {
  const auto x = normal_matrix(50, 3, 1);
  const auto y = normal_matrix(50, 6, 2);
  EXPECT_NEAR(testing::score("cka_linear_minibatch", x, y),
              testing::score("cka_linear_debiased", x, y), 1e-12);
}

TEST(Minibatch, RelabelsBeforeItCutsBatches) {
  const MetricSpec metric = parse_metric("cka_linear_minibatch(batch=10)");
  const auto x = normal_matrix(30, 3, 3);
  const auto y = normal_matrix(30, 4, 4);
  const testing::MetricSide a("a", {x}, metric);
  const testing::MetricSide b("b", {y}, metric);
  const auto grid = prepare_metric({}, metric, a.input(), b.input());
  const auto relabelling = kernels::permutation(5, 0, kernels::Purpose::permutation, 0, 30);
  const auto moved = testing::reordered(x, rows_in_place(relabelling, 30));
  EXPECT_NEAR(grid.values(relabelling)(0, 0), testing::score(metric, moved, y), 1e-12);
  EXPECT_TRUE(grid.remarks.empty());
}

TEST(Minibatch, SaysWhatItLeavesOutAndWhenNoBatchVaries) {
  const MetricSpec metric = parse_metric("cka_linear_minibatch(batch=8)");
  Matrix<float> sorted(20, 2);  // constant within each batch
  for (int64_t i = 0; i < 20; ++i) sorted(i, 0) = static_cast<float>(i / 8);
  const testing::MetricSide a("a", {sorted}, metric);
  const testing::MetricSide b("b", {normal_matrix(20, 2, 1)}, metric);
  const auto grid = prepare_metric({}, metric, a.input(), b.input());
  EXPECT_THAT(grid.reasons[0], ::testing::HasSubstr("do not differ within any batch"));
  EXPECT_TRUE(std::isnan(grid.values({})(0, 0)));
  EXPECT_THAT(grid.remarks,
              ::testing::ElementsAre("the last 4 of 20 rows fill no batch of 8 and are left out"));
}

/// S(K): the mean HSIC_1 over pairs of different features.
double over_feature_pairs(const Matrix<float>& x) {
  double sum = 0;
  for (int64_t f = 0; f < x.cols(); ++f)
    for (int64_t g = 0; g < x.cols(); ++g)
      if (f != g) sum += linear_hsic(column_of(x, f), column_of(x, g));
  const auto d = static_cast<double>(x.cols());
  return sum * d / (d - 1);
}

TEST(FeatureCorrected, LeavesOutFeaturesMeetingThemselves) {
  Matrix<float> x = normal_matrix(30, 5, 5);
  Matrix<float> y = normal_matrix(30, 4, 6);
  for (int64_t i = 0; i < 30; ++i) {  // a factor that all features carry
    for (float& v : x.row(i)) v += static_cast<float>(i) / 8;
    for (float& v : y.row(i)) v += static_cast<float>(i) / 4;
  }
  EXPECT_NEAR(testing::score("cka_linear_feature_corrected", x, y),
              linear_hsic(x, y) / std::sqrt(over_feature_pairs(x) * over_feature_pairs(y)), 1e-11);
}

/// Two samples of features of one population: the population's CKA with itself is 1, which the
/// debiased ratio misses by far.
TEST(FeatureCorrected, FindsOnePopulationBehindTwoSamples) {
  const auto latent = normal_matrix(400, 3, 7);
  const auto sample = [&](uint64_t seed) {
    const auto mixing = normal_matrix(3, 40, seed);
    auto x = normal_matrix(400, 40, seed + 1);
    for (int64_t i = 0; i < 400; ++i)
      for (int64_t f = 0; f < 40; ++f)
        for (int64_t c = 0; c < 3; ++c) x(i, f) = x(i, f) + latent(i, c) * mixing(c, f);
    return x;
  };
  const auto x = sample(8);
  const auto y = sample(10);
  EXPECT_NEAR(testing::score("cka_linear_feature_corrected", x, y), 1, 0.05);
  EXPECT_LT(testing::score("cka_linear_debiased", x, y), 0.95);
}

TEST(WithoutPcs, IsDebiasedCkaOfWhatIsLeft) {
  const auto x = testing::translated(normal_matrix(40, 6, 11));
  const auto y = normal_matrix(40, 60, 12);  // more features than rows
  const auto left = [](const Matrix<float>& m) {
    Matrix<double> c(m.rows(), m.cols());
    for (int64_t f = 0; f < m.cols(); ++f) {
      double mean = 0;
      for (int64_t i = 0; i < m.rows(); ++i) mean += double{m(i, f)} / 40;
      for (int64_t i = 0; i < m.rows(); ++i) c(i, f) = double{m(i, f)} - mean;
    }
    linalg::Svd svd = linalg::svd({}, c.view());
    Matrix<double> k(m.rows(), m.rows());
    for (int64_t i = 0; i < m.rows(); ++i)
      for (int64_t j = 0; j < m.rows(); ++j)
        for (size_t s = 3; s < svd.s.size(); ++s)
          k(i, j) += svd.u(i, static_cast<int64_t>(s)) * svd.u(j, static_cast<int64_t>(s)) *
                     svd.s[s] * svd.s[s];
    return k;
  };
  EXPECT_NEAR(testing::score("cka_linear_debiased_without_pcs(m=3)", x, y),
              testing::ratio(testing::hsic_debiased, left(x), left(y)), 1e-10);
}

/// Pairs far closer than rows are long: |x|^2 + |y|^2 - 2 x.y would keep few digits, and duplicates
/// would not be at distance 0.
TEST(LowerTriangles, NearPairsKeepTheirDigits) {
  Matrix<float> x = normal_matrix(24, 5, 21);
  for (int64_t i = 0; i < 24; ++i)
    for (float& v : x.row(i)) v = std::ldexp(v, -12) + (i % 4 == 0 ? 900.0F : -300.0F);
  std::ranges::copy(x.row(0), x.row(8).begin());
  const LayerRows rows({}, {.x = x.view(), .mean = {}, .scale = {}}, RowForm::centred);
  const PairwiseLayer layer(rows, PairEntry::distance, false);
  const auto triangle = lower_triangles({}, {&layer, 1}, Precision::f64);
  const auto right = testing::distances(x);
  for (int64_t i = 0; i < 24; ++i)
    for (int64_t j = 0; j < i; ++j)
      EXPECT_NEAR(triangle(0, triangle_row(i) + j), right(i, j), 1e-9 * right(i, j))
          << i << " " << j;
}

TEST(MedianDistance, OfAllPairsAtOnceAndByHistogram) {
  for (const int64_t n : {4, 5, 30, 601}) {  // even and odd numbers of pairs
    const auto x = normal_matrix(n, 3, static_cast<uint64_t>(n));
    const LayerRows rows({}, {.x = x.view(), .mean = {}, .scale = {}}, RowForm::centred);
    const double right = testing::median_distance_of(x);
    EXPECT_NEAR(median_distance({}, rows), right, 1e-13 * right) << n;
    EXPECT_NEAR(median_distance({}, rows, 1), right, 1e-13 * right) << n;
  }
}

TEST(MedianDistance, HistogramBridgesAGapInTheMiddle) {
  // 3 pairs at distance 1 and 3 far away: the two in the middle are in bins far apart.
  Matrix<float> x(4, 1);
  x(1, 0) = 1;
  x(2, 0) = 2;
  x(3, 0) = 1000;
  const LayerRows rows({}, {.x = x.view(), .mean = {}, .scale = {}}, RowForm::centred);
  EXPECT_NEAR(median_distance({}, rows, 1), (2.0 + 998.0) / 2, 1e-9);
}

TEST(Sigma, ReadsItsTwoForms) {
  EXPECT_TRUE(is_sigma("0.5 x median"));
  EXPECT_TRUE(is_sigma("1.0 x median"));
  EXPECT_TRUE(is_sigma("1 (absolute)"));
  for (const char* wrong : {"", "0.5", "x median", "0 x median", "-1 (absolute)", "1 x mean",
                            "nan (absolute)", "inf x median", "1 x median "})
    EXPECT_FALSE(is_sigma(wrong)) << wrong;
  EXPECT_TRUE(parse_sigma("0.25 x median").of_median);
  EXPECT_EQ(parse_sigma("0.25 x median").factor, 0.25);
  EXPECT_FALSE(parse_sigma("3 (absolute)").of_median);
}

}  // namespace
}  // namespace consilience::engine
