#include "engine/graphs/build_graphs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "kernels/base/error.h"
#include "tests/support/memory_features.h"
#include "tests/support/random_matrix.h"

namespace consilience::engine {
namespace {

using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using testing::MemoryFeatures;
using testing::normal_matrix;

const kernels::Context kContext{kernels::Backend::cpu, 0};

Conditioning raw() { return conditioning_preset("none"); }

NeighborGraph graph_of(const Matrix<float>& x, const GraphRequest& request) {
  return build_layer_graph(kContext, MemoryFeatures({x}), 0, request, {}).graph;
}

TEST(BuildGraphs, ListsAreTheNearestRowsByTheDefinition) {
  const int64_t n = 30;
  const Matrix<float> x = normal_matrix(n, 4, 3);
  const NeighborGraph graph = graph_of(x, {.model = "m", .conditioning = raw(), .k = 3});
  ASSERT_EQ(graph.capacity(), 12);
  for (int64_t i = 0; i < n; ++i) {
    std::vector<int32_t> order;
    std::vector<double> score;
    for (int64_t j = 0; j < n; ++j) {
      double dot = 0;
      for (int64_t f = 0; f < 4; ++f) dot += static_cast<double>(x(i, f)) * x(j, f);
      score.push_back(dot);
      if (j != i) order.push_back(static_cast<int32_t>(j));
    }
    std::ranges::stable_sort(order, [&](int32_t a, int32_t b) {
      return score[static_cast<size_t>(a)] > score[static_cast<size_t>(b)];
    });
    order.resize(12);
    EXPECT_THAT(graph.index.row(i), ElementsAreArray(order)) << "row " << i;
  }
}

TEST(BuildGraphs, UndefinedLayersHaveReasonsAndTheOthersAreUnaffected) {
  const Matrix<float> good = normal_matrix(20, 4, 1);
  Matrix<float> zero_row = normal_matrix(20, 4, 2);
  std::ranges::fill(zero_row.row(7), 0.0F);
  const MemoryFeatures features({Matrix<float>(20, 4, 1.0F), good, zero_row});
  const auto layers = build_graphs(kContext, features, {.model = "m", .k = 5});
  ASSERT_EQ(layers.size(), 3U);
  EXPECT_THAT(layers[0].graph.reason, HasSubstr("constant layer"));
  EXPECT_TRUE(layers[0].graph.index.view().empty());
  EXPECT_THAT(layers[2].graph.reason, HasSubstr("row 7"));
  EXPECT_EQ(layers[1].layer, "block_1");
  EXPECT_EQ(layers[1].graph.reason, "");
  EXPECT_EQ(layers[1].graph.index.values(), graph_of(good, {.model = "m", .k = 5}).index.values());
}

TEST(BuildGraphs, KOfAllRowsOrMoreIsUndefined) {
  const Matrix<float> x = normal_matrix(10, 4, 1);
  EXPECT_EQ(graph_of(x, {.model = "m", .k = 10}).reason,
            "k = 10 needs at least 11 rows; there are 10");
  const NeighborGraph all = graph_of(x, {.model = "m", .k = 9});
  EXPECT_EQ(all.reason, "");
  EXPECT_EQ(all.capacity(), 9);
}

TEST(BuildGraphs, SiblingsAreNoNeighbours) {
  const std::vector<int32_t> groups = {0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 4, 5};
  const Matrix<float> x = normal_matrix(12, 3, 5);
  const NeighborGraph graph = graph_of(x, {.model = "m", .k = 4, .groups = groups});
  EXPECT_EQ(graph.capacity(), 9);  // the group of three leaves nine rows
  for (int64_t i = 0; i < 12; ++i) {
    for (const int32_t j : graph.index.row(i))
      EXPECT_NE(groups[static_cast<size_t>(i)], groups[static_cast<size_t>(j)]);
  }
  const GraphRequest crowded{.model = "m", .k = 4, .groups = std::vector<int32_t>(12, 7)};
  EXPECT_THAT(graph_of(x, crowded).reason, HasSubstr("a group of 12 rows leaves only 0"));
}

// Users' case 7: an exact duplicate pair.
TEST(BuildGraphs, ADuplicateIsListedAndARowNeverListsItself) {
  Matrix<float> x = normal_matrix(122, 6, 9);
  std::ranges::copy(x.row(121), x.row(40).begin());
  Conditioning euclidean = raw();
  euclidean.similarity = kernels::Similarity::euclidean;
  const NeighborGraph near = graph_of(x, {.model = "m", .conditioning = euclidean, .k = 2});
  const NeighborGraph cosine = graph_of(x, {.model = "m", .k = 2});
  for (const auto* graph : {&near, &cosine}) {
    EXPECT_EQ(graph->index(121, 0), 40);
    EXPECT_EQ(graph->index(40, 0), 121);
    EXPECT_EQ(graph->facts.exact_duplicates, 1);
    for (int64_t i = 0; i < 122; ++i)
      EXPECT_EQ(std::ranges::count(graph->index.row(i), static_cast<int32_t>(i)), 0);
  }
  EXPECT_EQ(near.score(121, 0), 0.0);
  EXPECT_DOUBLE_EQ(cosine.score(121, 0), 1.0);
}

// Users' case 5: with a bare inner product the longest row is nearest to every other.
TEST(BuildGraphs, AHubShowsInTheFactsAndCosineGivesAnotherAnswer) {
  Matrix<float> x(10, 3);
  for (int64_t i = 0; i < 10; ++i) {
    for (int64_t f = 0; f < 3; ++f) x(i, f) = static_cast<float>(i + f);
  }
  const NeighborGraph dot = graph_of(x, {.model = "m", .conditioning = raw(), .k = 1});
  EXPECT_EQ(dot.facts.max_in_degree, 9);
  for (int64_t i = 0; i < 9; ++i) EXPECT_EQ(dot.index(i, 0), 9);
  Conditioning cosine = raw();
  cosine.scale = Scale::l2;
  const NeighborGraph angle = graph_of(x, {.model = "m", .conditioning = cosine, .k = 1});
  EXPECT_EQ(angle.index(4, 0), 5);
  EXPECT_LT(angle.facts.max_in_degree, 9);
}

TEST(BuildGraphs, FactsCountTiesAtTheKthPlace) {
  Matrix<float> x(4, 2);
  x.values() = {1, 0, 1, 0, 1, 0, 0, 1};  // three equal rows and one at right angles
  Conditioning cosine = raw();
  cosine.scale = Scale::l2;
  const NeighborGraph graph = graph_of(x, {.model = "m", .conditioning = cosine, .k = 1});
  EXPECT_EQ(graph.facts.exact_duplicates, 2);
  EXPECT_EQ(graph.facts.rows_with_ties, 4);  // every row's best is shared
  EXPECT_EQ(graph.facts.facts_k, 1);
  const NeighborGraph full =
      graph_of(x, {.model = "m", .conditioning = cosine, .k = 2, .capacity = 2});
  EXPECT_EQ(full.facts.rows_with_ties, 1);  // only row 3 still has an equal row left outside
}

TEST(BuildGraphs, RowsThatDifferOnlyBeyondTheClampAreDuplicates) {
  Matrix<float> x(4, 2);
  x.values() = {1, 50, 1, 70, -0.0F, 1, 0, 1};
  // sorted |x|: 0 0 1 1 1 1 50 70; place floor(0.5 * 8) = 4 is 1
  const NeighborGraph graph = graph_of(x, {.model = "m", .conditioning = {.clamp = 0.5}, .k = 1});
  EXPECT_EQ(graph.facts.clamp_threshold, 1);
  EXPECT_EQ(graph.facts.exact_duplicates, 2);
}

TEST(BuildGraphs, EuclideanUnderL2IsTheCosineOrder) {
  const Matrix<float> x = normal_matrix(25, 5, 4);
  const Conditioning euclidean{.similarity = kernels::Similarity::euclidean};
  EXPECT_EQ(graph_of(x, {.model = "m", .conditioning = euclidean, .k = 3}).index.values(),
            graph_of(x, {.model = "m", .k = 3}).index.values());
}

}  // namespace
}  // namespace consilience::engine
