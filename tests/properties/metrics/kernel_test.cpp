#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "engine/metrics/kernel/table.h"
#include "tests/support/exact_features.h"
#include "tests/support/metric_sides.h"

namespace consilience::engine {
namespace {

using testing::score;

/// Rows below and above the number of features, and few of them.
const std::vector<std::pair<int64_t, int64_t>> kShapes = {{5, 4}, {20, 8}, {21, 40}, {90, 12}};

std::string named(std::string_view metric) {
  return std::string(metric) + (metric == "cka_linear_minibatch" ? "(batch=9)" : "");
}

/// A pair of spaces with something in common: every feature carries one factor.
struct Pair {
  Matrix<float> x, y;
  Pair(int64_t n, int64_t d, uint64_t seed)
      : x(testing::grid_features(n, d, seed)), y(testing::grid_features(n, d + 4, seed + 1)) {
    for (int64_t i = 0; i < n; ++i) {
      const auto shared = static_cast<float>(i * 7 % 9);
      for (float& v : x.row(i)) v += shared;
      for (float& v : y.row(i)) v += shared / 2;
    }
  }
};

class KernelProperties : public ::testing::TestWithParam<std::string> {
 protected:
  [[nodiscard]] std::string metric() const { return named(GetParam()); }
  template <typename Body>
  void for_shapes(Body body) const {
    uint64_t seed = 1;
    for (const auto& [n, d] : kShapes) {
      SCOPED_TRACE(std::to_string(n) + " x " + std::to_string(d));
      body(Pair(n, d, seed += 10));
    }
  }
};

void expect_close(double found, double right) {
  ASSERT_FALSE(std::isnan(right));
  EXPECT_NEAR(found, right, 1e-10 * (1 + std::abs(right)));
}

TEST_P(KernelProperties, RotationsChangeNothing) {
  for_shapes([&](const Pair& p) {
    const double turned = score(metric(), testing::rotated(p.x), p.y);
    if (GetParam() == "cka_linear_feature_corrected" && p.x.rows() > 5)  // features are units
      EXPECT_GT(std::abs(turned - score(metric(), p.x, p.y)), 1e-7);
    else if (GetParam() != "cka_linear_feature_corrected")
      expect_close(turned, score(metric(), p.x, p.y));
  });
}

TEST_P(KernelProperties, TranslationsChangeNothing) {
  for_shapes([&](const Pair& p) {
    expect_close(score(metric(), testing::translated(p.x), p.y), score(metric(), p.x, p.y));
  });
}

TEST_P(KernelProperties, FactorsChangeRatiosNotAtAll) {
  for_shapes([&](const Pair& p) {
    for (const float factor : {0x1p-30F, 4.0F, 0x1p30F}) {
      const bool units = GetParam().starts_with("hsic_linear");
      const double square = units ? double{factor} * double{factor} : 1;
      const double found = score(metric(), testing::scaled(p.x, factor), p.y) / square;
      expect_close(found, score(metric(), p.x, p.y));
    }
  });
}

TEST_P(KernelProperties, CommonOrderOfRowsChangesNothing) {
  for_shapes([&](const Pair& p) {
    const auto order = kernels::permutation(3, 0, kernels::Purpose::permutation, 0, p.x.rows());
    const double found =
        score(metric(), testing::reordered(p.x, order), testing::reordered(p.y, order));
    const double before = score(metric(), p.x, p.y);
    if (GetParam() == "cka_linear_minibatch" && p.x.rows() > 9)  // other batches
      EXPECT_GT(std::abs(found - before), 1e-6);
    else
      expect_close(found, before);
  });
}

TEST_P(KernelProperties, Symmetric) {
  ASSERT_TRUE(metric_info(GetParam()).symmetric);
  for_shapes(
      [&](const Pair& p) { expect_close(score(metric(), p.y, p.x), score(metric(), p.x, p.y)); });
}

TEST_P(KernelProperties, OneWithItself) {
  for_shapes([&](const Pair& p) {
    const double self = score(metric(), p.x, p.x);
    if (GetParam() == "cka_linear_feature_corrected")
      EXPECT_GT(self, 1);
    else if (GetParam().starts_with("hsic"))  // not normalised: Cauchy-Schwarz
      EXPECT_GT(self * score(metric(), p.y, p.y), std::pow(score(metric(), p.x, p.y), 2));
    else
      EXPECT_NEAR(self, 1, 1e-12);
  });
}

TEST_P(KernelProperties, StaysInItsRange) {
  const MetricInfo& info = metric_info(GetParam());
  for_shapes([&](const Pair& p) {
    for (const double value : {score(metric(), p.x, p.y),
                               score(metric(), p.x, testing::grid_features(p.x.rows(), 4, 77))}) {
      if (std::isnan(value) && GetParam() == "cka_linear_feature_corrected") continue;
      EXPECT_GE(value, info.lowest - 1e-12);
      EXPECT_LE(value, info.highest + 1e-12);
    }
  });
}

std::vector<std::string> names() {
  std::vector<std::string> all;
  for (const auto& metric : kernel_metrics()) all.emplace_back(metric.name);
  return all;
}

INSTANTIATE_TEST_SUITE_P(All, KernelProperties, ::testing::ValuesIn(names()),
                         [](const auto& each) { return each.param; });

TEST(KernelRelations, BiasedCkaIsTheRvCoefficient) {
  const Pair p(30, 8, 5);
  EXPECT_DOUBLE_EQ(score("rv", p.x, p.y), score("cka_linear_biased", p.x, p.y));
}

TEST(KernelRelations, EveryEntryOfTheTableIsFilled) {
  for (const auto& metric : kernel_metrics()) {
    SCOPED_TRACE(metric.name);
    for (const auto text : {metric.summary, metric.formula, metric.invariances, metric.cost,
                            metric.chance, metric.undefined, metric.pitfalls, metric.source})
      EXPECT_FALSE(text.empty());
  }
}

}  // namespace
}  // namespace consilience::engine
