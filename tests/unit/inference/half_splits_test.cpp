#include "engine/inference/half_splits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "engine/inference/student.h"
#include "tests/support/random_graphs.h"
#include "tests/support/score_graphs.h"

namespace consilience::engine {
namespace {

using ::testing::HasSubstr;
using testing::random_model;

const kernels::Context kContext{kernels::Backend::cpu, 0};
constexpr int kK = 3;

/// Lists of all other rows in a random order: never too short after filtering.
ModelGraphs full_model(const std::string& name, int64_t n, int layers, uint64_t seed) {
  ModelGraphs model = random_model(name, "", n, static_cast<int>(n), layers, seed);
  for (auto& layer : model.layers) {
    Matrix<int32_t> others(n, n - 1);
    for (int64_t i = 0; i < n; ++i) {
      std::ranges::copy_if(layer.graph.index.row(i), others.row(i).begin(),
                           [i](int32_t j) { return j != i; });
    }
    layer.graph.index = others;
  }
  return model;
}

/// The first k members of the half in the row's full list.
std::set<int32_t> nearest_in_half(const LayerGraph& layer, int32_t row,
                                  const std::vector<uint8_t>& half) {
  std::set<int32_t> set;
  for (const int32_t j : layer.graph.index.row(row)) {
    if (half[static_cast<size_t>(j)] == half[static_cast<size_t>(row)] && std::ssize(set) < kK)
      set.insert(j);
  }
  return set;
}

/// max over layers of the mean over the half's rows of the shared neighbours / k.
double literal_half(const ModelGraphs& a, const ModelGraphs& b, const std::vector<uint8_t>& half,
                    uint8_t side) {
  double largest = 0;
  for (const auto& la : a.layers) {
    for (const auto& lb : b.layers) {
      double sum = 0;
      int rows = 0;
      for (int32_t i = 0; i < a.rows; ++i) {
        if (half[static_cast<size_t>(i)] != side) continue;
        ++rows;
        const auto other = nearest_in_half(lb, i, half);
        for (const int32_t j : nearest_in_half(la, i, half))
          sum += static_cast<double>(other.count(j)) / kK;
      }
      largest = std::max(largest, sum / rows);
    }
  }
  return largest;
}

PairInference interval_of(const ModelGraphs& a, const ModelGraphs& b, const HalfSplits& splits,
                          int threads = 0) {
  PairInference out;
  testing::interval_of_graphs({kernels::Backend::cpu, threads}, a, half_split_graphs(a, kK, splits),
                              b, half_split_graphs(b, kK, splits), splits,
                              testing::score_graphs(kContext, a, b, mutual_knn(kK), ""), out);
  return out;
}

TEST(HalfSplits, IntervalIsTheDefinition) {
  const ModelGraphs a = full_model("a", 31, 2, 1);
  const ModelGraphs b = full_model("b", 31, 3, 2);
  const HalfSplits splits = draw_half_splits(4, 25, 31);
  double sum = 0;
  for (const auto& half : splits.half) {
    const double difference = literal_half(a, b, half, 0) - literal_half(a, b, half, 1);
    sum += difference * difference / 4;
  }
  const double sd = std::sqrt(sum / 25);
  const double value = testing::score_graphs(kContext, a, b, mutual_knn(kK), "").maximum;
  const PairInference out = interval_of(a, b, splits);
  EXPECT_GT(sd, 0);
  EXPECT_NEAR(out.sd, sd, 1e-14);
  EXPECT_NEAR(out.lo, value - student_quantile_975(25) * sd, 1e-14);
  EXPECT_NEAR(out.hi, value + student_quantile_975(25) * sd, 1e-14);
  EXPECT_EQ(out.interval, "half-splits(25)");
  EXPECT_EQ(out.interval_reason, "");
}

TEST(HalfSplits, SameNumbersForAnyThreadCount) {
  const ModelGraphs a = full_model("a", 40, 2, 1);
  const ModelGraphs b = full_model("b", 40, 2, 2);
  const HalfSplits splits = draw_half_splits(4, 25, 40);
  const PairInference one = interval_of(a, b, splits, 1);
  for (const int threads : {2, 3, 0}) EXPECT_EQ(interval_of(a, b, splits, threads).sd, one.sd);
}

TEST(HalfSplits, HalvesAreEvenRandomAndReproducible) {
  const HalfSplits splits = draw_half_splits(9, 25, 31);
  ASSERT_EQ(splits.count(), 25);
  std::set<std::vector<uint8_t>> distinct;
  for (const auto& half : splits.half) {
    EXPECT_EQ(std::ranges::count(half, 0), 15);
    distinct.insert(half);
  }
  EXPECT_EQ(distinct.size(), 25U);
  EXPECT_EQ(draw_half_splits(9, 25, 31).half, splits.half);
  EXPECT_NE(draw_half_splits(10, 25, 31).half, splits.half);
}

TEST(HalfSplits, GroupsStayOnOneSide) {
  std::vector<int32_t> groups(40);
  for (size_t i = 0; i < groups.size(); ++i) groups[i] = static_cast<int32_t>(i * 7 % 10);
  for (const auto& half : draw_half_splits(1, 25, 40, groups).half) {
    EXPECT_EQ(std::ranges::count(half, 0), 20);  // five groups of four
    for (size_t i = 0; i < 40; ++i) {
      for (size_t j = 0; j < i; ++j) {
        EXPECT_TRUE(groups[i] != groups[j] || half[i] == half[j]) << i << " and " << j;
      }
    }
  }
}

/// The first `capacity` columns only.
ModelGraphs cut(ModelGraphs model, int64_t capacity) {
  for (auto& layer : model.layers) {
    Matrix<int32_t> index(model.rows, capacity);
    for (int64_t i = 0; i < model.rows; ++i)
      std::ranges::copy(layer.graph.index.row(i).first(static_cast<size_t>(capacity)),
                        index.row(i).begin());
    layer.graph.index = index;
  }
  return model;
}

TEST(HalfSplits, ShortRowsAreMadeAnew) {
  const ModelGraphs full = full_model("a", 40, 2, 1);
  const ModelGraphs brief = cut(full, 4);
  const HalfSplits splits = draw_half_splits(4, 5, 40);
  int redone = 0;
  const RedoRows redo = [&](int64_t layer, std::span<const int32_t> rows,
                            std::span<const uint8_t> member, int k, MatrixView<int32_t> out) {
    for (size_t r = 0; r < rows.size(); ++r) {
      int found = 0;
      for (const int32_t j : full.layers[static_cast<size_t>(layer)].graph.index.row(rows[r])) {
        if (member[static_cast<size_t>(j)] != 0 && found < k)
          out(static_cast<int64_t>(r), found++) = j;
      }
      ++redone;
    }
  };
  const HalfGraphs expected = half_split_graphs(full, kK, splits);
  const HalfGraphs found = half_split_graphs(brief, kK, splits, redo);
  EXPECT_GT(redone, 0);
  ASSERT_EQ(found.lists.size(), 10U);
  for (size_t h = 0; h < 10; ++h) {
    ASSERT_EQ(found.lists[h].size(), 2U);
    for (size_t l = 0; l < 2; ++l)
      EXPECT_EQ(found.lists[h][l].values(), expected.lists[h][l].values());
  }
}

TEST(HalfSplits, ShortRowsWithoutFeaturesLeaveNoInterval) {
  const ModelGraphs a = cut(full_model("a", 40, 1, 1), 4);
  const PairInference out = interval_of(a, full_model("b", 40, 1, 2), draw_half_splits(4, 5, 40));
  EXPECT_THAT(out.interval_reason, HasSubstr("a block_0/mean: "));
  EXPECT_THAT(out.interval_reason, HasSubstr("features to find more are not kept"));
  EXPECT_EQ(out.interval, "");
  EXPECT_TRUE(std::isnan(out.sd) && std::isnan(out.lo) && std::isnan(out.hi));
}

TEST(HalfSplits, HalvesTooSmallForKHaveAReason) {
  const ModelGraphs a = full_model("a", 7, 1, 1);
  EXPECT_EQ(half_split_graphs(a, kK, draw_half_splits(4, 5, 7)).reason,
            "a half of 3 rows leaves a row 2 to choose from; k = 3 needs as many");
  const std::vector<int32_t> groups = {0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2};
  EXPECT_THAT(
      half_split_graphs(full_model("a", 12, 1, 1), kK, draw_half_splits(4, 5, 12, groups)).reason,
      HasSubstr("a half of 4 rows leaves a row 0 to choose from"));
}

TEST(HalfSplits, UndefinedLayersAreLeftOut) {
  ModelGraphs a = full_model("a", 31, 2, 1);
  const ModelGraphs b = full_model("b", 31, 2, 2);
  const HalfSplits splits = draw_half_splits(4, 25, 31);
  const ModelGraphs second{"a", "", 31, {a.layers[1]}};
  a.layers[0].graph = {};
  a.layers[0].graph.reason = "constant layer";
  EXPECT_EQ(interval_of(a, b, splits).sd, interval_of(second, b, splits).sd);
  a.layers[1].graph = a.layers[0].graph;
  EXPECT_THAT(interval_of(a, b, splits).interval_reason, HasSubstr("constant layer"));
}

}  // namespace
}  // namespace consilience::engine
