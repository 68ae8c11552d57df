#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "engine/metrics/metric.h"
#include "tests/support/exact_features.h"
#include "tests/support/metric_sides.h"

namespace consilience::engine {
namespace {

using testing::grid_features;
using testing::score;

const std::vector<std::pair<int64_t, int64_t>> kShapes = {{5, 4}, {20, 8}, {21, 40}, {60, 12}};

std::vector<std::string> all_metrics() {
  std::vector<std::string> all = {"dcor_biased", "dcor_sqr_biased", "dcor_sqr_unbiased"};
  for (const char* comparison : {"pearson", "spearman", "cosine", "kendall_tau_a"})
    for (const char* rdm : {"correlation", "euclidean", "sqeuclidean", "cosine"})
      all.push_back(std::string("rsa_") + comparison + "(rdm=" + rdm + ")");
  return all;
}

class RdmProperties : public ::testing::TestWithParam<std::string> {
 protected:
  [[nodiscard]] const std::string& metric() const { return GetParam(); }
  [[nodiscard]] bool of(const char* rdm) const {
    return metric().find(std::string("rdm=") + rdm) != std::string::npos;
  }
  template <typename Body>
  void for_shapes(Body body) const {
    uint64_t seed = 1;
    for (const auto& [n, d] : kShapes) {
      SCOPED_TRACE(std::to_string(n) + " x " + std::to_string(d));
      seed += 10;
      auto x = grid_features(n, d, seed);
      auto y = grid_features(n, d, seed + 1);
      for (size_t i = 0; i < y.values().size(); ++i) y.values()[i] += x.values()[i];
      body(x, y);
    }
  }
  void expect_unchanged(const Matrix<float>& x, const Matrix<float>& y,
                        const Matrix<float>& changed) const {
    const double right = score(metric(), x, y);
    ASSERT_FALSE(std::isnan(right));
    EXPECT_NEAR(score(metric(), changed, y), right, 1e-10);
  }
  void expect_changed(const Matrix<float>& x, const Matrix<float>& y,
                      const Matrix<float>& changed) const {
    EXPECT_GT(std::abs(score(metric(), changed, y) - score(metric(), x, y)), 1e-6);
  }
};

TEST_P(RdmProperties, RotationsChangeNothingButCorrelationDistances) {
  for_shapes([&](const auto& x, const auto& y) {
    if (!of("correlation")) expect_unchanged(x, y, testing::rotated(x));
  });
}

TEST_P(RdmProperties, TranslationsChangeOnlyCosineAndCorrelation) {
  const auto x = grid_features(40, 8, 3);
  const auto y = grid_features(40, 8, 4);
  if (of("cosine") || of("correlation"))
    expect_changed(x, y, testing::translated(x));
  else
    for_shapes(
        [&](const auto& u, const auto& v) { expect_unchanged(u, v, testing::translated(u)); });
}

TEST_P(RdmProperties, FactorsChangeNothing) {
  for_shapes([&](const auto& x, const auto& y) {
    for (const float factor : {0x1p-30F, 4.0F, 0x1p30F})
      expect_unchanged(x, y, testing::scaled(x, factor));
  });
}

TEST_P(RdmProperties, FactorsPerRowChangeNoCosineNorCorrelation) {
  for_shapes([&](const auto& x, const auto& y) {
    auto changed = x;
    for (int64_t i = 0; i < x.rows(); ++i)
      for (float& v : changed.row(i)) v *= static_cast<float>(1 << (i % 3));
    if (of("cosine") || of("correlation"))
      expect_unchanged(x, y, changed);
    else
      expect_changed(x, y, changed);
  });
}

TEST_P(RdmProperties, CommonOrderOfRowsChangesNothing) {
  for_shapes([&](const auto& x, const auto& y) {
    const auto order = kernels::permutation(3, 0, kernels::Purpose::permutation, 0, x.rows());
    EXPECT_NEAR(score(metric(), testing::reordered(x, order), testing::reordered(y, order)),
                score(metric(), x, y), 1e-11);
  });
}

TEST_P(RdmProperties, SymmetricInRangeAndOneWithItself) {
  const MetricInfo& info = metric_info(parse_metric(metric()).name);
  ASSERT_TRUE(info.symmetric);
  for_shapes([&](const auto& x, const auto& y) {
    const double value = score(metric(), x, y);
    EXPECT_NEAR(score(metric(), y, x), value, 1e-12);
    EXPECT_GE(value, info.lowest);
    EXPECT_LE(value, info.highest);
    if (metric().starts_with("rsa_kendall"))
      EXPECT_LE(score(metric(), x, x), 1);  // ties with itself count 0
    else
      EXPECT_NEAR(score(metric(), x, x), 1, 1e-12);
  });
}

INSTANTIATE_TEST_SUITE_P(All, RdmProperties, ::testing::ValuesIn(all_metrics()),
                         [](const auto& each) {
                           std::string name = each.param;
                           for (char& c : name)
                             if (c == '(' || c == ')' || c == '=') c = '_';
                           return name;
                         });

TEST(RdmRelations, RanksOfDistancesAndOfTheirSquaresAgree) {
  const auto x = grid_features(30, 5, 6);
  const auto y = grid_features(30, 7, 7);
  EXPECT_DOUBLE_EQ(score("rsa_spearman(rdm=euclidean)", x, y),
                   score("rsa_spearman(rdm=sqeuclidean)", x, y));
}

TEST(RdmRelations, DistanceCorrelationIsTheRootOfItsSquare) {
  const auto x = grid_features(30, 5, 8);
  const auto y = grid_features(30, 7, 9);
  const double r = score("dcor_biased", x, y);
  EXPECT_NEAR(r * r, score("dcor_sqr_biased", x, y), 1e-14);
}

TEST(RdmRelations, EveryEntryOfTheTableIsFilled) {
  for (const auto& metric : metric_table()) {
    if (metric.family != "rdm") continue;
    SCOPED_TRACE(metric.name);
    for (const auto text : {metric.summary, metric.formula, metric.invariances, metric.cost,
                            metric.chance, metric.undefined, metric.pitfalls, metric.source})
      EXPECT_FALSE(text.empty());
  }
}

}  // namespace
}  // namespace consilience::engine
