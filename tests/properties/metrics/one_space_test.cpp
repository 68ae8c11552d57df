#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "kernels/base/philox.h"
#include "tests/support/metric_sides.h"
#include "tests/support/plain_algebra.h"
#include "tests/support/random_matrix.h"

namespace consilience::testing {
namespace {

/// What a metric of one space claims.
struct Claim {
  std::string metric;
  std::optional<bool> shift = false;  // invariant to a common shift; nothing: often
  bool row_factors = false;           // to a factor per row
  std::function<double(const Matrix<float>&)> lowest, highest;
};

double zero(const Matrix<float>&) { return 0; }
double one(const Matrix<float>&) { return 1; }
double any(const Matrix<float>&) { return 1e9; }
double rank(const Matrix<float>& x) {
  return static_cast<double>(std::min(x.rows(), x.cols())) * (1 + 1e-5);  // rankme adds epsilons
}

std::vector<Claim> claims() {
  return {
      {.metric = "twonn_mle", .shift = true, .lowest = zero, .highest = any},
      {.metric = "twonn_fit", .shift = true, .lowest = zero, .highest = any},
      {.metric = "effective_rank", .shift = true, .lowest = one, .highest = rank},
      {.metric = "effective_rank(preprocess=raw)", .lowest = one, .highest = rank},
      {.metric = "rankme", .lowest = one, .highest = rank},
      {.metric = "effective_rank_covariance", .shift = true, .lowest = one, .highest = rank},
      {.metric = "participation_ratio", .shift = true, .lowest = one, .highest = rank},
      {.metric = "stable_rank", .shift = true, .lowest = one, .highest = rank},
      {.metric = "alpha_req(ranks=1..3)", .shift = true, .lowest = zero, .highest = any},
      {.metric = "mean_cosine",
       .row_factors = true,
       .lowest = [](const Matrix<float>&) { return -1.0; },
       .highest = one},
      {.metric = "uniformity",
       .row_factors = true,
       .lowest = [](const Matrix<float>&) { return -8.0; },
       .highest = zero},
      {.metric = "hubness_skew(k=4, preprocess=l2)",
       .row_factors = true,
       .lowest = [](const Matrix<float>&) { return -1e9; },
       .highest = any},
      {.metric = "hubness_max(k=4, preprocess=l2)",
       .shift = {},
       .row_factors = true,
       .lowest = [](const Matrix<float>& x) { return 4.0 / static_cast<double>(x.rows() - 1); },
       .highest = one},
      {.metric = "near_duplicates(cosine=0.9)",
       .row_factors = true,
       .lowest = zero,
       .highest = one},
  };
}

std::vector<Matrix<float>> spaces() {
  std::vector<Matrix<float>> all;
  Draws draws(5);
  for (uint64_t trial = 0; trial < 6; ++trial) {
    Matrix<float> x = normal_matrix(20 + draws.below(60), 3 + draws.below(6), 300 + trial);
    for (int64_t i = 0; i < x.rows(); ++i)
      for (int64_t f = 0; f < x.cols(); ++f) x(i, f) = x(i, f) / static_cast<float>(f + 1) + 0.5F;
    all.push_back(std::move(x));
  }
  return all;
}

double of(const std::string& metric, const Matrix<float>& x) { return score(metric, x, x); }

void for_each_claim(const std::function<void(const Claim&, const Matrix<float>&)>& check) {
  for (const Claim& claim : claims())
    for (const Matrix<float>& x : spaces()) {
      SCOPED_TRACE(fmt::format("{} n={} d={}", claim.metric, x.rows(), x.cols()));
      check(claim, x);
    }
}

Matrix<float> narrowed(const Dense& x) {
  Matrix<float> out(x.rows(), x.cols());
  std::ranges::transform(x.values(), out.values().begin(),
                         [](double value) { return static_cast<float>(value); });
  return out;
}

TEST(OneSpaceProperties, StayInRange) {
  for_each_claim([](const Claim& claim, const Matrix<float>& x) {
    EXPECT_GE(of(claim.metric, x), claim.lowest(x));
    EXPECT_LE(of(claim.metric, x), claim.highest(x));
  });
}

TEST(OneSpaceProperties, RotationsAndPaddingChangeNothing) {
  for_each_claim([](const Claim& claim, const Matrix<float>& x) {
    Dense map = widened(normal_matrix(x.cols(), x.cols(), 9));
    for (int64_t f = 0; f < x.cols(); ++f) map(f, f) += 4;
    const Dense turned = times(widened(x), times(map, inverse_root(times(transposed(map), map))));
    EXPECT_NEAR(of(claim.metric, narrowed(turned)), of(claim.metric, x), 2e-4);
  });
}

TEST(OneSpaceProperties, ACommonFactorChangesNothing) {
  for_each_claim([](const Claim& claim, const Matrix<float>& x) {
    Matrix<float> larger = x;
    for (float& value : larger.values()) value *= 16;
    EXPECT_NEAR(of(claim.metric, larger), of(claim.metric, x), 1e-12);
  });
}

TEST(OneSpaceProperties, RowOrderChangesNothing) {
  for_each_claim([](const Claim& claim, const Matrix<float>& x) {
    const auto to = kernels::permutation(3, 0, kernels::Purpose::row_order, 0, x.rows());
    Matrix<float> moved(x.rows(), x.cols());
    for (int64_t i = 0; i < x.rows(); ++i)
      std::ranges::copy(x.row(i), moved.row(to[static_cast<size_t>(i)]).begin());
    EXPECT_NEAR(of(claim.metric, moved), of(claim.metric, x), 1e-11);
  });
}

TEST(OneSpaceProperties, ShiftsAsClaimed) {
  for_each_claim([](const Claim& claim, const Matrix<float>& x) {
    if (!claim.shift) return;
    Matrix<float> moved = x;
    for (int64_t i = 0; i < x.rows(); ++i)
      for (int64_t f = 0; f < x.cols(); ++f) moved(i, f) += f % 2 == 0 ? 4 : -2;
    const double change = of(claim.metric, moved) - of(claim.metric, x);
    if (*claim.shift) {
      EXPECT_NEAR(change, 0, 1e-3);
    } else {
      EXPECT_NE(change, 0);
    }
  });
}

TEST(OneSpaceProperties, FactorsPerRowAsClaimed) {
  for_each_claim([](const Claim& claim, const Matrix<float>& x) {
    Matrix<float> stretched = x;
    for (int64_t i = 0; i < x.rows(); ++i)
      for (float& value : stretched.row(i)) value *= static_cast<float>(int64_t{1} << (i % 5));
    const double change = of(claim.metric, stretched) - of(claim.metric, x);
    if (claim.row_factors)
      EXPECT_NEAR(change, 0, 1e-11);
    else
      EXPECT_GT(std::abs(change), 1e-3);
  });
}

TEST(OneSpaceProperties, ExactDuplicatesCountRepeatedRows) {
  for (const Matrix<float>& x : spaces()) {
    Matrix<float> twice(x.rows() * 2, x.cols());
    for (int64_t i = 0; i < x.rows(); ++i) {
      std::ranges::copy(x.row(i), twice.row(i).begin());
      std::ranges::copy(x.row(i), twice.row(twice.rows() - 1 - i).begin());
    }
    EXPECT_EQ(of("exact_duplicates", x), 0);
    EXPECT_EQ(of("exact_duplicates", twice), 0.5);
    EXPECT_EQ(of("near_duplicates(cosine=1)", twice), 1);
  }
}

TEST(OneSpaceProperties, KnownDimensionsAndRanks) {
  const Matrix<float> plane = normal_matrix(1500, 2, 1);
  EXPECT_NEAR(of("twonn_mle", plane), 2, 0.2);
  EXPECT_NEAR(of("twonn_fit", plane), 2, 0.2);
  Matrix<float> axes(8, 4);  // +-e_f: every direction alike
  for (int64_t f = 0; f < 4; ++f) {
    axes(2 * f, f) = 1;
    axes(2 * f + 1, f) = -1;
  }
  for (const char* metric : {"effective_rank", "participation_ratio", "stable_rank"})
    EXPECT_NEAR(of(metric, axes), 4, 1e-12) << metric;
  EXPECT_NEAR(of("alpha_req(ranks=1..4)", axes), 0, 1e-12);
  EXPECT_NEAR(of("mean_cosine", axes), -1.0 / 7, 1e-12);
}

}  // namespace
}  // namespace consilience::testing
