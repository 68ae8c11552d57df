#include "engine/inference/jackknife.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

#include "tests/support/random_graphs.h"
#include "tests/support/score_graphs.h"

namespace consilience::engine {
namespace {

using ::testing::HasSubstr;
using testing::random_model;

const kernels::Context kContext;
constexpr int kK = 3;

/// The first k of row i's list that are no `gone`, in the model's only layer.
std::set<int32_t> nearest_without(const ModelGraphs& model, int64_t i,
                                  const std::set<int32_t>& gone) {
  std::set<int32_t> nearest;
  for (const int32_t j : model.layers[0].graph.index.row(i))
    if (gone.count(j) == 0 && std::ssize(nearest) < kK) nearest.insert(j);
  return nearest;
}

double literal_score_without(const ModelGraphs& a, const ModelGraphs& b,
                             const std::set<int32_t>& gone) {
  double sum = 0;
  double rows = 0;
  for (int32_t i = 0; i < a.rows; ++i) {
    if (gone.count(i) > 0) continue;
    ++rows;
    const std::set<int32_t> other = nearest_without(b, i, gone);
    for (const int32_t j : nearest_without(a, i, gone))
      sum += static_cast<double>(other.count(j)) / kK;
  }
  return sum / rows;
}

double literal_sd(const ModelGraphs& a, const ModelGraphs& b,
                  const std::vector<std::set<int32_t>>& units) {
  std::vector<double> values;
  double mean = 0;
  for (const auto& gone : units) {
    values.push_back(literal_score_without(a, b, gone));
    mean += values.back() / static_cast<double>(units.size());
  }
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  const auto m = static_cast<double>(units.size());
  return std::sqrt((m - 1) / m * squares);
}

Interval jackknife_of(const ModelGraphs& a, const ModelGraphs& b,
                      const std::vector<int32_t>& groups = {}) {
  ModelInput left = graph_side(a);
  const ModelInput right = graph_side(b);
  left.groups = groups;
  return jackknife(kContext, left, right,
                   testing::score_graphs(kContext, a, b, mutual_knn(kK), ""));
}

TEST(Jackknife, EqualsTheLiteralDefinition) {
  const ModelGraphs a = random_model("a", "", 24, 9, 1, 1);
  const ModelGraphs b = random_model("b", "", 24, 9, 1, 2);
  std::vector<std::set<int32_t>> rows, pairs;
  std::vector<int32_t> groups(24);
  for (int32_t i = 0; i < 24; ++i) {
    rows.push_back({i});
    groups[static_cast<size_t>(i)] = i % 12;
    if (i < 12) pairs.push_back({i, i + 12});
  }
  const Interval interval = jackknife_of(a, b);
  EXPECT_NEAR(interval.sd, literal_sd(a, b, rows), 1e-12);
  EXPECT_NEAR(jackknife_of(a, b, groups).sd, literal_sd(a, b, pairs), 1e-12);
  EXPECT_THAT(interval.label, HasSubstr("conservative"));
  EXPECT_NEAR((interval.lo + interval.hi) / 2, literal_score_without(a, b, {}), 1e-12);
}

TEST(Jackknife, HoldsTheBestLayerPair) {
  const ModelGraphs a = random_model("a", "", 24, 9, 3, 1);
  const ModelGraphs b = random_model("b", "", 24, 9, 2, 2);
  const PairScore score = testing::score_graphs(kContext, a, b, mutual_knn(kK), "");
  const auto only = [](const ModelGraphs& model, int64_t layer) {
    ModelGraphs one{model.model, "", model.rows, {}};
    one.layers.push_back(model.layers[static_cast<size_t>(layer)]);
    return one;
  };
  EXPECT_DOUBLE_EQ(jackknife_of(a, b).sd,
                   jackknife_of(only(a, score.best_a), only(b, score.best_b)).sd);
}

TEST(Jackknife, ListsNoLongerThanKGiveAReason) {
  const ModelGraphs a = random_model("a", "", 24, kK, 1, 1);
  const ModelGraphs b = random_model("b", "", 24, 9, 1, 2);
  const Interval interval = jackknife_of(a, b);
  EXPECT_TRUE(std::isnan(interval.sd));
  EXPECT_THAT(interval.reason, HasSubstr("longer than k = 3"));
}

}  // namespace
}  // namespace consilience::engine
