#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "engine/graphs/redo_rows.h"
#include "engine/inference/half_splits.h"
#include "engine/inference/permutation_null.h"
#include "tests/support/memory_features.h"
#include "tests/support/random_matrix.h"
#include "tests/support/score_graphs.h"

namespace consilience::engine {
namespace {

using testing::MemoryFeatures;
using testing::normal_matrix;

const kernels::Context kContext{kernels::Backend::cpu, 0};

MemoryFeatures gaussian_model(int64_t n, uint64_t seed) {
  return MemoryFeatures({normal_matrix(n, 6, seed), normal_matrix(n, 10, seed + 1)});
}

ModelGraphs graphs_of(const std::string& name, const std::string& modality,
                      const FeatureView& features, const GraphRequest& request) {
  return {name, modality, features.rows(), build_graphs(kContext, features, request)};
}

/// Independent features: p of the maximum over layers is uniform on 1/100 .. 100/100, or larger by
/// ties. Bounds: of 40, Bin(40, 0.05) exceeds 7 with probability 7e-4, Bin(40, 0.5) leaves 9 .. 31
/// with 2e-4.
TEST(PermutationP, IsUniformForIndependentFeatures) {
  int below_twentieth = 0;
  int below_half = 0;
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    const GraphRequest request{.k = 5};
    const ModelGraphs a = graphs_of("a", "vision", gaussian_model(60, seed * 10), request);
    const ModelGraphs b = graphs_of("b", "text", gaussian_model(60, seed * 10 + 5), request);
    PairInference out;
    testing::null_of_graphs(
        kContext, a, b, mutual_knn(5),
        draw_relabellings({.seed = seed, .permutations = 99}, "vision", "text", 60), out);
    below_twentieth += out.p <= 0.05 ? 1 : 0;
    below_half += out.p <= 0.5 ? 1 : 0;
  }
  EXPECT_LE(below_twentieth, 7);
  EXPECT_GE(below_half, 9);
  EXPECT_LE(below_half, 31);
}

/// The mean of a single layer pair's null is k / (n - 1), exactly, whatever the hubs.
TEST(PermutationNull, MeanOfOneLayerPairIsChance) {
  const GraphRequest request{.k = 10};
  const ModelGraphs a =
      graphs_of("a", "vision", MemoryFeatures({normal_matrix(100, 6, 1)}), request);
  const ModelGraphs b = graphs_of("b", "text", MemoryFeatures({normal_matrix(100, 6, 2)}), request);
  PairInference out;
  testing::null_of_graphs(
      kContext, a, b, mutual_knn(10),
      draw_relabellings({.seed = 1, .permutations = 2000}, "vision", "text", 100), out);
  EXPECT_NEAR(out.null_mean, 10.0 / 99, 4 * out.null_sd / std::sqrt(2000.0));
}

/// K = 4 k lists with short rows made anew give the same halves as lists of all rows.
TEST(HalfSplitInterval, StoredListsAndRedoneRowsEqualFullLists) {
  const MemoryFeatures x = gaussian_model(120, 1);
  const HalfSplits splits = draw_half_splits(3, 25, 120);
  const GraphRequest brief{.k = 10, .capacity = 16};
  const GraphRequest full{.k = 10, .capacity = 119};
  RowRedo redo(kContext, x, brief, {});
  const HalfGraphs found =
      half_split_graphs(graphs_of("x", "", x, brief), 10, splits, std::ref(redo));
  const HalfGraphs expected = half_split_graphs(graphs_of("x", "", x, full), 10, splits);
  ASSERT_EQ(found.reason, "");
  ASSERT_EQ(found.lists.size(), expected.lists.size());
  for (size_t h = 0; h < found.lists.size(); ++h) {
    for (size_t l = 0; l < 2; ++l)
      EXPECT_EQ(found.lists[h][l].values(), expected.lists[h][l].values());
  }
}

/// A model against itself scores 1 in every half: no spread.
TEST(HalfSplitInterval, HasNoWidthForEqualModels) {
  const GraphRequest request{.k = 5};
  const ModelGraphs a = graphs_of("a", "", gaussian_model(80, 1), request);
  const HalfSplits splits = draw_half_splits(1, 25, 80);
  const MemoryFeatures x = gaussian_model(80, 1);
  RowRedo redo(kContext, x, request, {});
  const HalfGraphs halves = half_split_graphs(a, 5, splits, std::ref(redo));
  PairInference out;
  testing::interval_of_graphs(kContext, a, halves, a, halves, splits,
                              testing::score_graphs(kContext, a, a, mutual_knn(5), ""), out);
  EXPECT_EQ(out.sd, 0);
  EXPECT_EQ(out.lo, 1);
  EXPECT_EQ(out.hi, 1);
}

}  // namespace
}  // namespace consilience::engine
