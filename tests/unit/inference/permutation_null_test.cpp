#include "engine/inference/permutation_null.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "engine/base/hash.h"
#include "kernels/base/error.h"
#include "kernels/base/philox.h"
#include "tests/support/random_graphs.h"
#include "tests/support/score_graphs.h"

namespace consilience::engine {
namespace {

using ::testing::HasSubstr;
using testing::random_model;

const kernels::Context kContext{kernels::Backend::cpu, 0};
const MetricSpec kMetric = mutual_knn(4);

/// The first k neighbours of every row as sets.
using Sets = std::vector<std::set<int32_t>>;

/// The relabelled graph has at row p(i) the set { p(j) : j in list(i) }.
Sets relabel(const LayerGraph& layer, int k, const std::vector<int32_t>& p) {
  Sets sets(p.size());
  for (size_t i = 0; i < p.size(); ++i) {
    for (const int32_t j :
         layer.graph.index.row(static_cast<int64_t>(i)).first(static_cast<size_t>(k)))
      sets[static_cast<size_t>(p[i])].insert(p[static_cast<size_t>(j)]);
  }
  return sets;
}

int64_t common(const Sets& a, const Sets& b) {
  int64_t count = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    for (const int32_t j : a[i]) count += static_cast<int64_t>(b[i].count(j));
  }
  return count;
}

/// max over layers of score(pi(p, unit a) A, pi(p, unit b) B), both sides really relabelled.
double literal_maximum(const ModelGraphs& a, const ModelGraphs& b, const NullPlan& plan,
                       const std::string& unit_a, const std::string& unit_b, uint32_t p) {
  const auto draw = [&](const std::string& unit) {
    return kernels::permutation(plan.seed, p, kernels::Purpose::permutation, unit_id(unit), a.rows,
                                plan.blocks);
  };
  int64_t largest = 0;
  for (const auto& la : a.layers) {
    for (const auto& lb : b.layers)
      largest = std::max(largest, common(relabel(la, kMetric.k(), draw(unit_a)),
                                         relabel(lb, kMetric.k(), draw(unit_b))));
  }
  return static_cast<double>(largest) / (static_cast<double>(a.rows) * kMetric.k());
}

PairInference null_of(const ModelGraphs& a, const ModelGraphs& b, const NullPlan& plan,
                      const kernels::Context& context = kContext) {
  PairInference out;
  testing::null_of_graphs(context, a, b, kMetric, draw_relabellings(plan, "vision", "text", a.rows),
                          out);
  return out;
}

TEST(PermutationNull, OneSidedRelabellingEqualsTheLiteralDefinition) {
  const ModelGraphs a = random_model("a", "vision", 30, 6, 2, 1);
  const ModelGraphs b = random_model("b", "text", 30, 6, 3, 2);
  std::vector<int32_t> blocks(30);
  for (size_t i = 0; i < blocks.size(); ++i) blocks[i] = static_cast<int32_t>(i % 3);
  for (const auto& blocked : {std::vector<int32_t>{}, blocks}) {
    const NullPlan plan{.seed = 7, .permutations = 20, .blocks = blocked};
    const PairInference out = null_of(a, b, plan);
    ASSERT_EQ(out.null_maxima.size(), 20U);
    for (uint32_t p = 0; p < 20; ++p)
      EXPECT_DOUBLE_EQ(out.null_maxima[p], literal_maximum(a, b, plan, "vision", "text", p));
  }
}

TEST(PermutationNull, SummariesFollowTheirFormulas) {
  const ModelGraphs a = random_model("a", "vision", 30, 6, 2, 1);
  const ModelGraphs b = random_model("b", "text", 30, 6, 2, 2);
  const PairInference out = null_of(a, b, {.seed = 3, .permutations = 50});
  const double mean = std::accumulate(out.null_maxima.begin(), out.null_maxima.end(), 0.0) / 50;
  double squares = 0;
  for (const double v : out.null_maxima) squares += (v - mean) * (v - mean);
  const double observed = testing::score_graphs(kContext, a, b, kMetric, "").maximum;
  const auto reached =
      std::ranges::count_if(out.null_maxima, [&](double v) { return v >= observed; });
  EXPECT_NEAR(out.null_mean, mean, 1e-15);
  EXPECT_NEAR(out.null_sd, std::sqrt(squares / 49), 1e-15);
  EXPECT_EQ(out.null_largest, std::ranges::max(out.null_maxima));
  EXPECT_GT(reached, 0);
  EXPECT_DOUBLE_EQ(out.p, static_cast<double>(1 + reached) / 51);
  EXPECT_DOUBLE_EQ(out.p_floor, 1.0 / 51);
}

TEST(PermutationNull, EqualGraphsReachTheFloor) {
  const ModelGraphs a = random_model("a", "vision", 60, 4, 2, 1);
  ModelGraphs b = a;
  b.modality = "text";
  const PairInference out = null_of(a, b, {.seed = 1, .permutations = 99});
  EXPECT_DOUBLE_EQ(out.p, 0.01);
  EXPECT_LT(out.null_largest, 0.5);
}

TEST(GroupRelabellings, GroupsMoveAsWholesAndTheirRowsInOrder) {
  const std::vector<int32_t> groups = {4, 4, 9, 2, 9, 2};
  const NullPlan plan{.seed = 3, .permutations = 20};
  int moved = 0;
  for (const auto& relabelling : draw_group_relabellings(plan, "a", "b", groups)) {
    const auto row = [&](size_t i) { return static_cast<size_t>(relabelling[i]); };
    for (const auto& [first, second] : {std::pair(0, 1), std::pair(2, 4), std::pair(3, 5)}) {
      const size_t one = row(static_cast<size_t>(first));
      const size_t other = row(static_cast<size_t>(second));
      EXPECT_EQ(groups[one], groups[other]);
      EXPECT_LT(one, other);
      moved += one == static_cast<size_t>(first) ? 0 : 1;
    }
  }
  EXPECT_GT(moved, 20);
  EXPECT_THROW((void)draw_group_relabellings(plan, "a", "b", {0, 0, 1}), Error);
}

TEST(PermutationNull, SameNumbersForAnyThreadCountAndBackend) {
  const ModelGraphs a = random_model("a", "vision", 50, 6, 3, 1);
  const ModelGraphs b = random_model("b", "text", 50, 6, 3, 2);
  const NullPlan plan{.seed = 5, .permutations = 40};
  const PairInference one = null_of(a, b, plan, {kernels::Backend::reference, 1});
  for (const int threads : {1, 2, 3, 0}) {
    const PairInference many = null_of(a, b, plan, {kernels::Backend::cpu, threads});
    EXPECT_EQ(one.null_maxima, many.null_maxima);
    EXPECT_EQ(one.null_mean, many.null_mean);
    EXPECT_EQ(one.null_sd, many.null_sd);
  }
}

TEST(PermutationNull, BlocksKeepRowsWithinThem) {
  const NullPlan plan{.seed = 2, .permutations = 10, .blocks = {0, 0, 0, 5, 5, 5, 5, 0}};
  for (const auto& relabelling : draw_relabellings(plan, "a", "b", 8)) {
    for (size_t i = 0; i < 8; ++i)
      EXPECT_EQ(plan.blocks[static_cast<size_t>(relabelling[i])], plan.blocks[i]);
  }
}

TEST(PermutationNull, UnitsAreModalitiesAcrossAndModelsWithin) {
  EXPECT_EQ(null_unit("dino", "vision", "text"), "vision");
  EXPECT_EQ(null_unit("bert", "text", "vision"), "text");
  EXPECT_EQ(null_unit("dino", "vision", "vision"), "dino");
  EXPECT_EQ(null_unit("x.npy", "", "text"), "x.npy");
  EXPECT_EQ(null_unit("bert", "text", ""), "bert");
}

std::string draw_error(const NullPlan& plan, const std::string& a, const std::string& b) {
  try {
    (void)draw_relabellings(plan, a, b, 8);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), Failure::never);
    return error.what();
  }
  return "no error";
}

TEST(PermutationNull, RefusesWhatWouldMoveNothing) {
  EXPECT_THAT(draw_error({}, "dino", "dino"), HasSubstr("would change nothing"));
  EXPECT_THAT(draw_error({.permutations = 0}, "a", "b"), HasSubstr("at least 1"));
  EXPECT_THAT(draw_error({.blocks = {1, 2}}, "a", "b"), HasSubstr("2 block ids for 8 rows"));
}

TEST(PermutationNull, NothingDefinedLeavesNan) {
  ModelGraphs a = random_model("a", "vision", 30, 6, 1, 1);
  const ModelGraphs b = random_model("b", "text", 30, 6, 1, 2);
  a.layers[0].graph = {};
  a.layers[0].graph.reason = "constant layer";
  const PairInference out = null_of(a, b, {});
  EXPECT_TRUE(out.null_maxima.empty());
  EXPECT_TRUE(std::isnan(out.p) && std::isnan(out.null_mean));
}

}  // namespace
}  // namespace consilience::engine
