#include "engine/inference/pearson_three.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "engine/inference/incomplete_gamma.h"
#include "tests/support/random_matrix.h"

namespace consilience::engine {
namespace {

void expect_relative(double value, double expected, double tolerance) {
  EXPECT_NEAR(value / expected, 1, tolerance) << value << " for " << expected;
}

/// Q(1, x) = e^-x, Q(1/2, x) = erfc(sqrt x), Q(3, x) = e^-x (1 + x + x^2 / 2).
TEST(GammaTails, ClosedForms) {
  for (const double x : {1e-6, 0.1, 0.9, 1.6, 2.5, 7.0, 40.0, 300.0}) {
    SCOPED_TRACE(x);
    expect_relative(gamma_tails(1, x).upper, std::exp(-x), 1e-12);
    expect_relative(gamma_tails(0.5, x).upper, std::erfc(std::sqrt(x)), 1e-12);
    expect_relative(gamma_tails(3, x).upper, std::exp(-x) * (1 + x + x * x / 2), 1e-12);
    expect_relative(gamma_tails(1, x).lower, -std::expm1(-x), 1e-12);
  }
}

/// The series summed in 60 digits.
TEST(GammaTails, LargeShapes) {
  expect_relative(gamma_tails(100, 80).lower, 1.71083130351331141659e-2, 1e-12);
  expect_relative(gamma_tails(100, 150).upper, 5.92454033548391582941e-6, 1e-12);
  expect_relative(gamma_tails(1e4, 10300).upper, 1.47049489638568127591e-3, 1e-10);
  expect_relative(gamma_tails(1e4, 9700).lower, 1.23417558446849199664e-3, 1e-10);
  expect_relative(gamma_tails(4e6, 4006000).upper, 1.35581325376316478745e-3, 1e-7);
  expect_relative(gamma_tails(4e6, 3994000).lower, 1.34399499707631153778e-3, 1e-7);
}

TEST(GammaTails, Ends) {
  EXPECT_EQ(gamma_tails(2, 0).upper, 1);
  EXPECT_EQ(gamma_tails(2, -1).lower, 0);
  EXPECT_EQ(gamma_tails(2, 1e5).upper, 0);
}

TEST(PearsonThree, SkewnessTwoIsTheExponentialLaw) {
  // mean 1, sd 1, skewness 2: P(X >= x) = e^-x; mirrored for a skewness of -2.
  for (const double x : {0.0, 0.5, 1.0, 4.0, 30.0}) {
    expect_relative(pearson_three_tail(x, {1, 1, 2}, true), std::exp(-x), 1e-12);
    expect_relative(pearson_three_tail(-x, {-1, 1, -2}, false), std::exp(-x), 1e-12);
  }
  EXPECT_EQ(pearson_three_tail(-0.5, {1, 1, 2}, true), 1);   // below the law's end
  EXPECT_EQ(pearson_three_tail(0.5, {-1, 1, -2}, true), 0);  // beyond it
}

TEST(PearsonThree, NoSkewnessIsTheNormalLaw) {
  expect_relative(pearson_three_tail(3, {1, 2, 0}, true), 0.158655253931457, 1e-12);
  // Continuous where the law is changed.
  for (const double z : {-2.0, 0.0, 3.0, 6.0})
    expect_relative(pearson_three_tail(z, {0, 1, 1.1e-4}, true),
                    pearson_three_tail(z, {0, 1, 0}, true), 1e-2);
}

TEST(PearsonThree, BothSidesAddUp) {
  for (const double skewness : {-1.5, -0.3, 0.3, 1.5})
    for (const double z : {-1.0, 0.2, 2.0})
      EXPECT_NEAR(pearson_three_tail(z, {0, 1, skewness}, true) +
                      pearson_three_tail(z, {0, 1, skewness}, false),
                  1, 1e-12);
}

TEST(PearsonThree, UnknownMoments) {
  EXPECT_TRUE(std::isnan(pearson_three_tail(1, {0, 0, 0}, true)));
  EXPECT_TRUE(std::isnan(pearson_three_tail(1, {0, kUnknown, 0}, true)));
  EXPECT_TRUE(std::isnan(pearson_three_tail(1, {0, 1, kUnknown}, true)));
}

TEST(SampleSkewness, ByHand) {
  // 0 0 0 1: mean 1/4, second moment 3/16, third 3/32: 2 / sqrt 3.
  EXPECT_NEAR(sample_skewness(std::vector{0.0, 0.0, 0.0, 1.0}), 2 / std::sqrt(3), 1e-14);
  EXPECT_NEAR(sample_skewness(std::vector{-1.0, 0.0, 1.0}), 0, 1e-14);
  EXPECT_TRUE(std::isnan(sample_skewness(std::vector{1.0, 1.0, 1.0})));
  EXPECT_TRUE(std::isnan(sample_skewness(std::vector{1.0, 2.0})));
}

TEST(PearsonThree, TakesTheSkewnessOfTheNullAndOnlyOneLayerPair) {
  PairScore score;
  score.grid = Matrix<double>(1, 1, 3.0);
  score.maximum = 3;
  PairInference out;
  out.null_maxima = {0, 0, 0, 1};
  pearson_three_tail(score, {.mean = 1, .sd = 1}, out);
  EXPECT_DOUBLE_EQ(out.p_tail, pearson_three_tail(3, {1, 1, 2 / std::sqrt(3)}, true));
  PairInference of_grid;
  score.grid = Matrix<double>(1, 2, 3.0);
  pearson_three_tail(score, {1, 1, 0}, of_grid);
  EXPECT_TRUE(std::isnan(of_grid.p_tail));
}

}  // namespace
}  // namespace consilience::engine
