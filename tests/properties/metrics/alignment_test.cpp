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

/// What a metric of the alignment family claims.
struct Claim {
  std::string metric;
  bool rotation_x = true;                // invariant to orthogonal maps of x
  std::optional<bool> linear_x = false;  // to invertible ones
  bool scale = true;                     // to a common factor of x
  double of_itself = 1;                  // score(x, x)
  double lowest = 0, highest = 1;
};

constexpr double kRight = 1.5707963267948966;

std::vector<Claim> claims() {
  return {
      {.metric = "cca_mean", .linear_x = true},
      {.metric = "svcca_rank(rank=2)"},
      {.metric = "svcca_rank(rank=2, preprocess=standardise)", .rotation_x = false},
      {.metric = "svcca_99(kept=variance)", .linear_x = {}},
      {.metric = "svcca_99(kept=sum of singular values)", .linear_x = {}},
      {.metric = "pwcca(weights=x)", .rotation_x = false},
      {.metric = "pwcca(weights=y)", .linear_x = true},
      {.metric = "pwcca_sample_l1(weights=x)", .linear_x = true},
      {.metric = "pwcca_sample_l1(weights=y)", .linear_x = true},
      {.metric = "linear_regression_r2(direction=x->y)", .linear_x = true},
      {.metric = "linear_regression_r2(direction=y->x)"},
      {.metric = "procrustes_distance", .scale = false, .of_itself = 0, .highest = 1e9},
      {.metric = "procrustes_distance_normalised", .of_itself = 0, .highest = std::sqrt(2.0)},
      {.metric = "procrustes_angular", .of_itself = 0, .highest = kRight},
      {.metric = "nbs"},
      {.metric = "shape_metric(alpha=0)", .linear_x = true, .of_itself = 0, .highest = kRight},
      {.metric = "shape_metric(alpha=0.5)", .scale = false, .of_itself = 0, .highest = kRight},
      {.metric = "shape_metric(alpha=1)", .of_itself = 0, .highest = kRight},
      {.metric = "ridge_r2_cv5(direction=x->y)", .scale = false, .lowest = -1e9},
      {.metric = "ridge_r2_cv5(direction=y->x)", .rotation_x = false, .lowest = -1e9},
      {.metric = "ridge_r2_cv5_pooled(direction=x->y)", .scale = false, .lowest = -1e9},
      {.metric = "ridge_r2_cv5_pooled(direction=y->x)", .lowest = -1e9},
  };
}

Matrix<float> narrowed(const Dense& x) {
  Matrix<float> out(x.rows(), x.cols());
  std::ranges::transform(x.values(), out.values().begin(),
                         [](double value) { return static_cast<float>(value); });
  return out;
}

Dense invertible(int64_t d, uint64_t seed) {
  Dense map = widened(normal_matrix(d, d, seed));
  for (int64_t f = 0; f < d; ++f) map(f, f) += 4;
  return map;
}
Dense rotation(int64_t d, uint64_t seed) {
  const Dense map = invertible(d, seed);
  return times(map, inverse_root(times(transposed(map), map)));
}

struct Pair {
  Matrix<float> x, y;
};

/// Random shapes with n > dx + dy and a partly shared signal; columns of unlike scale, so that
/// principal directions are far apart.
std::vector<Pair> pairs() {
  std::vector<Pair> all;
  Draws draws(11);
  for (uint64_t trial = 0; trial < 4; ++trial) {
    const int64_t n = 30 + draws.below(60), dx = 3 + draws.below(5), dy = 3 + draws.below(5);
    Matrix<float> x = normal_matrix(n, dx, 100 + trial), y = normal_matrix(n, dy, 200 + trial);
    for (int64_t i = 0; i < n; ++i) {
      for (int64_t f = 0; f < dx; ++f) x(i, f) = x(i, f) * std::exp2(static_cast<float>(-f)) + 1;
      for (int64_t f = 0; f < dy; ++f)
        y(i, f) = (y(i, f) + x(i, f % dx)) * std::exp2(static_cast<float>(-f));
    }
    all.push_back({std::move(x), std::move(y)});
  }
  return all;
}

/// What float32 rounding of a mapped side may change.
constexpr double kRounding = 2e-5;

void for_each_claim(const std::function<void(const Claim&, const Pair&)>& check) {
  for (const Claim& claim : claims())
    for (const Pair& pair : pairs()) {
      SCOPED_TRACE(fmt::format("{} n={} dx={} dy={}", claim.metric, pair.x.rows(), pair.x.cols(),
                               pair.y.cols()));
      check(claim, pair);
    }
}

TEST(AlignmentProperties, StayInRange) {
  for_each_claim([](const Claim& claim, const Pair& pair) {
    const double value = score(claim.metric, pair.x, pair.y);
    EXPECT_GE(value, claim.lowest);
    EXPECT_LE(value, claim.highest);
  });
}

TEST(AlignmentProperties, OfASideWithItself) {
  for_each_claim([](const Claim& claim, const Pair& pair) {
    const double value = score(claim.metric, pair.x, pair.x);
    if (claim.metric.starts_with("ridge"))  // the penalty keeps it below 1
      EXPECT_GT(value, score(claim.metric, pair.x, pair.y));
    else
      EXPECT_NEAR(value, claim.of_itself, 1e-11);
  });
}

TEST(AlignmentProperties, RotationsOfXAsClaimed) {
  for_each_claim([](const Claim& claim, const Pair& pair) {
    const Matrix<float> turned = narrowed(times(widened(pair.x), rotation(pair.x.cols(), 5)));
    const double change = score(claim.metric, turned, pair.y) - score(claim.metric, pair.x, pair.y);
    if (claim.rotation_x)
      EXPECT_NEAR(change, 0, kRounding);
    else
      EXPECT_GT(std::abs(change), kRounding);
  });
}

TEST(AlignmentProperties, InvertibleMapsOfXAsClaimed) {
  for_each_claim([](const Claim& claim, const Pair& pair) {
    if (!claim.linear_x) return;
    const Matrix<float> mapped = narrowed(times(widened(pair.x), invertible(pair.x.cols(), 6)));
    const double change = score(claim.metric, mapped, pair.y) - score(claim.metric, pair.x, pair.y);
    if (*claim.linear_x)
      EXPECT_NEAR(change, 0, kRounding);
    else
      EXPECT_GT(std::abs(change), kRounding);
  });
}

TEST(AlignmentProperties, ACommonFactorAsClaimed) {
  for_each_claim([](const Claim& claim, const Pair& pair) {
    Matrix<float> larger = pair.x;
    for (float& value : larger.values()) value *= 8;  // exact
    const double change = score(claim.metric, larger, pair.y) - score(claim.metric, pair.x, pair.y);
    if (claim.scale)
      EXPECT_NEAR(change, 0, 1e-12);
    else
      EXPECT_GT(std::abs(change), 1e-6);
  });
}

TEST(AlignmentProperties, ShiftsChangeNothing) {
  for_each_claim([](const Claim& claim, const Pair& pair) {
    Dense moved = widened(pair.x);
    for (int64_t i = 0; i < moved.rows(); ++i)
      for (int64_t f = 0; f < moved.cols(); ++f) moved(i, f) += 5 - static_cast<double>(f);
    EXPECT_NEAR(score(claim.metric, narrowed(moved), pair.y), score(claim.metric, pair.x, pair.y),
                kRounding);
  });
}

TEST(AlignmentProperties, ACommonRowOrderChangesNothingButFolds) {
  for_each_claim([](const Claim& claim, const Pair& pair) {
    if (claim.metric.starts_with("ridge")) return;
    const auto to = kernels::permutation(3, 0, kernels::Purpose::row_order, 0, pair.x.rows());
    Pair moved{Matrix<float>(pair.x.rows(), pair.x.cols()),
               Matrix<float>(pair.y.rows(), pair.y.cols())};
    for (int64_t i = 0; i < pair.x.rows(); ++i) {
      std::ranges::copy(pair.x.row(i), moved.x.row(to[static_cast<size_t>(i)]).begin());
      std::ranges::copy(pair.y.row(i), moved.y.row(to[static_cast<size_t>(i)]).begin());
    }
    EXPECT_NEAR(score(claim.metric, moved.x, moved.y), score(claim.metric, pair.x, pair.y), 1e-10);
  });
}

TEST(AlignmentProperties, SymmetryAsDeclared) {
  for_each_claim([](const Claim& claim, const Pair& pair) {
    const double change = score(claim.metric, pair.x, pair.y) - score(claim.metric, pair.y, pair.x);
    if (engine::metric_info(engine::parse_metric(claim.metric).name).symmetric) {
      EXPECT_NEAR(change, 0, 1e-11);
    } else {
      EXPECT_GT(std::abs(change), 1e-9);
    }
  });
}

TEST(AlignmentProperties, TheProcrustesFormsAreOneNumber) {
  for (const Pair& pair : pairs()) {
    const double nbs = score("nbs", pair.x, pair.y);
    const double angle = score("procrustes_angular", pair.x, pair.y);
    EXPECT_NEAR(nbs, std::cos(angle), 1e-12);
    EXPECT_NEAR(score("procrustes_distance_normalised", pair.x, pair.y), std::sqrt(2 - 2 * nbs),
                1e-12);
    EXPECT_EQ(score("shape_metric(alpha=1)", pair.x, pair.y), angle);
  }
}

TEST(AlignmentProperties, DistancesKeepTheTriangleInequality) {
  for (uint64_t trial = 0; trial < 10; ++trial) {
    const Matrix<float> x = normal_matrix(30, 4, trial), y = normal_matrix(30, 5, trial + 50),
                        z = normal_matrix(30, 3, trial + 100);
    for (const char* metric : {"procrustes_distance", "procrustes_angular",
                               "procrustes_distance_normalised", "shape_metric(alpha=0.5)"})
      EXPECT_LE(score(metric, x, z), score(metric, x, y) + score(metric, y, z) + 1e-12) << metric;
  }
}

}  // namespace
}  // namespace consilience::testing
