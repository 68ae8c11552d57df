#include <gtest/gtest.h>

#include <numeric>

#include "engine/metrics/neighbours/layer_ranks.h"
#include "tests/unit/metrics/neighbours/plain_lists.h"

namespace consilience::testing {
namespace {

using engine::LayerRanks;

Matrix<int32_t> every_row(int64_t n) {
  Matrix<int32_t> all(n, n);
  for (int64_t i = 0; i < n; ++i) std::iota(all.row(i).begin(), all.row(i).end(), 0);
  return all;
}

TEST(LayerRanks, TheTableHoldsWhatIsRankedAnew) {
  const int64_t n = 300;  // more than one block of the table
  const Matrix<float> x = normal_matrix(n, 4, 1);
  std::vector<int32_t> groups;
  for (int32_t i = 0; i < n; ++i) groups.push_back(i / 3);
  const auto all = every_row(n);
  for (const auto& left_out : {std::vector<int32_t>(), groups})
    for (const auto similarity : {kernels::Similarity::dot, kernels::Similarity::euclidean}) {
      LayerRanks ranks({.x = x.view(), .mean = {}, .scale = {}}, similarity, left_out);
      const auto anew = ranks.of({}, all.view());
      ranks.keep_table({});
      EXPECT_EQ(ranks.of({}, all.view()).values(), anew.values());
    }
}

TEST(LayerRanks, OfOtherRowsThanTheGroup) {
  const int64_t n = 20;
  const Matrix<float> x = normal_matrix(n, 3, 1);
  std::vector<int32_t> groups;
  for (int32_t i = 0; i < n; ++i) groups.push_back(i / 4);
  const LayerRanks ranks({.x = x.view(), .mean = {}, .scale = {}}, kernels::Similarity::euclidean,
                         groups);
  const auto found = ranks.of({}, every_row(n).view());
  const auto orders = plain::orders(plain::scores(x, false, true));
  for (size_t i = 0; i < orders.size(); ++i) {
    int32_t rank = 0;
    for (const int32_t j : orders[i])
      if (groups[static_cast<size_t>(j)] != groups[i]) {
        EXPECT_EQ(found(static_cast<int64_t>(i), j), ++rank) << "row " << i;
      }
  }
}

TEST(LayerRanks, SiblingsAreLeftOutWhereNoListNamesOne) {
  engine::NeighborGraph graph;
  graph.index = Matrix<int32_t>(4, 1);
  for (int32_t i = 0; i < 4; ++i) graph.index(i, 0) = (i + 2) % 4;
  const std::vector<int32_t> pairs = {0, 0, 1, 1};
  const std::vector<int32_t> crossed = {0, 1, 0, 1};
  engine::ModelInput model{.model = "m", .rows = 4, .layers = {}, .classes = {}, .groups = pairs};
  EXPECT_EQ(engine::groups_left_out(model, graph).size(), 4U);
  model.groups = crossed;
  EXPECT_TRUE(engine::groups_left_out(model, graph).empty());
}

}  // namespace
}  // namespace consilience::testing
