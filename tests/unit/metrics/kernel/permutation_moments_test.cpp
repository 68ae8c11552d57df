#include "engine/metrics/kernel/permutation_moments.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "kernels/base/error.h"
#include "tests/support/plain_kernels.h"
#include "tests/support/random_matrix.h"

namespace consilience::engine {
namespace {

using testing::normal_matrix;

/// Mean, variance and third central moment over all n! relabellings.
ProductMoments by_enumeration(const Matrix<double>& k, const Matrix<double>& l) {
  std::vector<int64_t> order(static_cast<size_t>(k.rows()));
  std::iota(order.begin(), order.end(), 0);
  std::vector<double> values;
  do {
    double sum = 0;
    for (int64_t i = 0; i < k.rows(); ++i)
      for (int64_t j = 0; j < k.rows(); ++j)
        sum += k(i, j) * l(order[static_cast<size_t>(i)], order[static_cast<size_t>(j)]);
    values.push_back(sum);
  } while (std::ranges::next_permutation(order).found);
  const auto count = static_cast<double>(values.size());
  ProductMoments moments;
  for (const double v : values) moments.mean += v / count;
  for (const double v : values) {
    const double from_mean = v - moments.mean;
    moments.variance += from_mean * from_mean / count;
    moments.third += from_mean * from_mean * from_mean / count;
  }
  return moments;
}

void expect_same(const ProductMoments& found, const ProductMoments& right) {
  EXPECT_NEAR(found.mean, right.mean, 1e-11 * std::abs(right.mean) + 1e-12);
  EXPECT_NEAR(found.variance, right.variance, 1e-10 * right.variance);
  EXPECT_NEAR(found.third, right.third,
              1e-10 * (std::abs(right.third) + std::pow(right.variance, 1.5)));
}

class ProductMomentsOf : public ::testing::TestWithParam<int> {};

TEST_P(ProductMomentsOf, EveryRelabellingOfCentredKernels) {
  const int n = GetParam();
  const auto k = testing::centred(testing::linear_kernel(normal_matrix(n, 3, 1)));
  const auto l = testing::centred(testing::linear_kernel(normal_matrix(n, 5, 2)));
  expect_same(permutation_moments(invariants_of({}, k.view()), invariants_of({}, l.view())),
              by_enumeration(k, l));
}

class UCentredMomentsOf : public ::testing::TestWithParam<int> {};

TEST_P(UCentredMomentsOf, EveryRelabelling) {
  const int n = GetParam();
  const auto k = testing::u_centred(testing::linear_kernel(normal_matrix(n, 3, 3)));
  const auto l = testing::u_centred(testing::rbf_kernel(normal_matrix(n, 5, 4), 2.0));
  expect_same(permutation_moments(invariants_of({}, k.view()), invariants_of({}, l.view())),
              by_enumeration(k, l));
}

// 720 and 5,040 relabellings; below 6 rows some patterns of six indices cannot occur.
INSTANTIATE_TEST_SUITE_P(Rows, ProductMomentsOf, ::testing::Values(3, 4, 5, 6, 7));
INSTANTIATE_TEST_SUITE_P(Rows, UCentredMomentsOf, ::testing::Values(4, 5, 6, 7));

TEST(ProductMoments, OfDebiasedCka) {
  const auto x = normal_matrix(6, 3, 7);
  const auto y = normal_matrix(6, 2, 8);
  const auto rows = [](const Matrix<float>& m) {
    return LayerRows({}, {.x = m.view(), .mean = {}, .scale = {}}, RowForm::centred);
  };
  auto k = testing::u_centred(testing::linear_kernel(x));
  auto l = testing::u_centred(testing::linear_kernel(y));
  const double scale =
      std::sqrt(testing::inner_product(k, k)) * std::sqrt(testing::inner_product(l, l));
  for (double& v : k.values()) v /= scale;
  expect_same(ratio_moments(u_centred_linear_invariants({}, rows(x)),
                            u_centred_linear_invariants({}, rows(y))),
              by_enumeration(k, l));
}

TEST(ProductMoments, FeatureSpaceAndGramAgree) {
  const auto x = normal_matrix(1100, 7, 5);  // rows fill neither blocks nor tiles
  const LayerRows rows({}, {.x = x.view(), .mean = {}, .scale = {}}, RowForm::centred);
  const auto k = testing::centred(testing::linear_kernel(x));
  const CentredInvariants a = linear_invariants({}, rows);
  const CentredInvariants b = invariants_of({}, k.view());
  EXPECT_EQ(a.n, b.n);
  const auto near = [](double found, double right) {
    EXPECT_NEAR(found, right, 1e-10 * std::abs(right));
  };
  near(a.trace, b.trace);
  near(a.square, b.square);
  near(a.cube, b.cube);
  near(a.diagonal_square, b.diagonal_square);
  near(a.diagonal_cube, b.diagonal_cube);
  near(a.entry_cube, b.entry_cube);
  near(a.loop_path, b.loop_path);
  near(a.loop_loop, b.loop_loop);
}

TEST(ProductMoments, RefusesDifferentRows) {
  EXPECT_THROW((void)permutation_moments({.n = 5}, {.n = 6}), Error);
}

}  // namespace
}  // namespace consilience::engine
