#include "engine/metrics/score_pair.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "kernels/base/error.h"
#include "tests/support/random_graphs.h"
#include "tests/support/score_graphs.h"

namespace consilience::engine {
namespace {

using ::testing::HasSubstr;
using testing::random_model;

const kernels::Context kContext{kernels::Backend::cpu, 0};

double shared(const ModelGraphs& a, size_t la, const ModelGraphs& b, size_t lb, int64_t i, int k) {
  const auto list_a = a.layers[la].graph.index.row(i).first(static_cast<size_t>(k));
  const std::set<int32_t> set_a(list_a.begin(), list_a.end());
  int count = 0;
  for (const int32_t j : b.layers[lb].graph.index.row(i).first(static_cast<size_t>(k)))
    count += static_cast<int>(set_a.count(j));
  return static_cast<double>(count) / k;
}

TEST(ScorePair, IsTheDefinitionOnEveryLayerPair) {
  const int64_t n = 40;
  const ModelGraphs a = random_model("a", "vision", n, 8, 3, 1);
  const ModelGraphs b = random_model("b", "text", n, 8, 4, 2);
  for (const int k : {1, 5, 8}) {
    const PairScore score = testing::score_graphs(kContext, a, b, mutual_knn(k), "raw");
    double largest = 0;
    double sum = 0;
    for (size_t i = 0; i < 3; ++i) {
      for (size_t j = 0; j < 4; ++j) {
        double value = 0;
        for (int64_t row = 0; row < n; ++row) value += shared(a, i, b, j, row, k);
        value /= static_cast<double>(n);
        EXPECT_NEAR(score.grid(static_cast<int64_t>(i), static_cast<int64_t>(j)), value, 1e-14);
        largest = std::max(largest, value);
        sum += value;
      }
    }
    EXPECT_NEAR(score.maximum, largest, 1e-14);
    EXPECT_EQ(score.maximum, score.grid(score.best_a, score.best_b));
    EXPECT_NEAR(score.mean, sum / 12, 1e-14);
    EXPECT_DOUBLE_EQ(score.chance, k / 39.0);
    ASSERT_EQ(std::ssize(score.per_sample), n);
    for (int64_t row = 0; row < n; ++row)
      EXPECT_DOUBLE_EQ(score.per_sample[static_cast<size_t>(row)],
                       shared(a, static_cast<size_t>(score.best_a), b,
                              static_cast<size_t>(score.best_b), row, k));
  }
}

TEST(ScorePair, TheFirstOfEqualMaximaCounts) {
  ModelGraphs a = random_model("a", "", 20, 5, 3, 1);
  a.layers[2].graph = a.layers[1].graph;
  const PairScore score = testing::score_graphs(kContext, a, a, mutual_knn(5), "raw");
  EXPECT_EQ(score.best_a, 0);
  EXPECT_EQ(score.best_b, 0);
  a.layers[0].graph.reason = "constant layer";
  const PairScore second = testing::score_graphs(kContext, a, a, mutual_knn(5), "raw");
  EXPECT_EQ(second.best_a, 1);
  EXPECT_EQ(second.best_b, 1);
  EXPECT_EQ(second.maximum, 1.0);
}

TEST(ScorePair, UndefinedCellsAreNanWithTheReasonAndTheMeanLeavesThemOut) {
  ModelGraphs a = random_model("a", "", 20, 5, 2, 1);
  const ModelGraphs b = random_model("b", "", 20, 5, 2, 2);
  const PairScore whole = testing::score_graphs(kContext, a, b, mutual_knn(5), "raw");
  a.layers[0].graph = {};
  a.layers[0].graph.reason = "constant layer: all 20 rows are equal";
  const PairScore score = testing::score_graphs(kContext, a, b, mutual_knn(5), "raw");
  EXPECT_TRUE(std::isnan(score.grid(0, 0)) && std::isnan(score.grid(0, 1)));
  EXPECT_EQ(score.reasons[1], "block_0/mean: constant layer: all 20 rows are equal");
  EXPECT_EQ(score.reasons[2], "");
  EXPECT_EQ(score.grid(1, 0), whole.grid(1, 0));
  EXPECT_EQ(score.grid(1, 1), whole.grid(1, 1));
  EXPECT_DOUBLE_EQ(score.mean, (whole.grid(1, 0) + whole.grid(1, 1)) / 2);
}

TEST(ScorePair, NothingDefinedHasAReasonAndNoMaximum) {
  const ModelGraphs a = random_model("a", "", 6, 5, 2, 1);
  const PairScore score = testing::score_graphs(kContext, a, a, mutual_knn(6), "raw");
  EXPECT_EQ(score.best_a, -1);
  EXPECT_TRUE(std::isnan(score.maximum) && std::isnan(score.mean) && std::isnan(score.chance));
  EXPECT_THAT(score.reason, HasSubstr("k = 6 needs at least 7 rows; there are 6"));
  EXPECT_TRUE(score.per_sample.empty());
}

std::string score_error(const ModelGraphs& a, const ModelGraphs& b, int k) {
  try {
    (void)testing::score_graphs(kContext, a, b, mutual_knn(k), "raw");
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), Failure::never);
    return error.what();
  }
  return "no error";
}

TEST(ScorePair, RefusesDifferentRowsAndShortLists) {
  const ModelGraphs a = random_model("a", "", 20, 5, 1, 1);
  EXPECT_THAT(score_error(a, random_model("b", "", 21, 5, 1, 2), 5),
              HasSubstr("a has 20 rows and b has 21"));
  EXPECT_THAT(score_error(a, random_model("b", "", 20, 7, 1, 2), 7),
              HasSubstr("block_0/mean: the graph keeps 5 neighbours a row, k = 7 needs more"));
}

}  // namespace
}  // namespace consilience::engine
