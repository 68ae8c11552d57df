#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kernels/base/error.h"
#include "tests/support/metric_sides.h"
#include "tests/support/random_graphs.h"

namespace consilience::testing {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;

const std::vector<std::string> kListMetrics = {"mutual_knn",
                                               "mutual_knn_chance_corrected",
                                               "jaccard_knn",
                                               "cycle_knn",
                                               "lcs_knn",
                                               "edit_knn",
                                               "rbo_knn",
                                               "mutual_knn_permutation_mean",
                                               "mutual_knn_permutation_sd",
                                               "cknna_eq16",
                                               "cknna_prh_code",
                                               "mutual_knn_tie_min",
                                               "mutual_knn_tie_max"};

engine::PreparedGrid prepared(const std::string& text, const Matrix<float>& x,
                              const Matrix<float>& y) {
  const auto metric = engine::parse_metric(text);
  const MetricSide a("a", {x}, metric), b("b", {y}, metric);
  auto grid = prepare_metric({}, metric, a.input(), b.input());
  const double value = grid.values({})(0, 0);
  EXPECT_EQ(std::isnan(value), !grid.reasons[0].empty()) << text;
  grid.values = [value](std::span<const int32_t>) { return Matrix<double>(1, 1, value); };
  return grid;
}

TEST(NeighbourEdges, KNotBelowN) {
  for (const auto& name : kListMetrics)
    for (const int k : {6, 7})
      EXPECT_THAT(
          prepared(fmt::format("{}(k={})", name, k), normal_matrix(6, 3, 1), normal_matrix(6, 3, 2))
              .reasons[0],
          HasSubstr(fmt::format("k = {}", k)))
          << name;
}

TEST(NeighbourEdges, AConstantLayer) {
  const Matrix<float> x = normal_matrix(12, 3, 1);
  for (const auto& name : kListMetrics)
    for (const bool first : {true, false}) {
      const Matrix<float> flat(12, 3, 0.5F);
      EXPECT_NE(prepared(name + "(k=3)", first ? flat : x, first ? x : flat).reasons[0], "");
    }
  EXPECT_NE(prepared("information_imbalance", x, Matrix<float>(12, 3, 0.5F)).reasons[0], "");
}

TEST(NeighbourEdges, AZeroRow) {
  Matrix<float> x = normal_matrix(12, 3, 1);
  std::ranges::fill(x.row(4), 0.0F);
  const Matrix<float> y = normal_matrix(12, 3, 2);
  for (const auto& name : kListMetrics)
    EXPECT_NE(prepared(name + "(k=3, preprocess=l2)", x, y).reasons[0], "") << name;
  EXPECT_EQ(prepared("information_imbalance", x, y).reasons[0], "");
}

TEST(NeighbourEdges, FourRows) {
  const Matrix<float> x = normal_matrix(4, 3, 1);
  const Matrix<float> y = normal_matrix(4, 3, 2);
  for (const auto& name : kListMetrics) {
    if (name == "cknna_prh_code") continue;
    EXPECT_EQ(prepared(name + "(k=2)", x, y).reasons[0], "") << name;
  }
}

TEST(NeighbourEdges, ThreeRowsHaveNoVariance) {
  EXPECT_THAT(
      prepared("mutual_knn_permutation_sd(k=1)", normal_matrix(3, 3, 1), normal_matrix(3, 3, 2))
          .reasons[0],
      HasSubstr("at least 4"));
  EXPECT_THAT(
      prepared("cknna_prh_code(k=2)", normal_matrix(3, 3, 1), normal_matrix(3, 3, 2)).reasons[0],
      HasSubstr("at least 4"));
}

TEST(NeighbourEdges, EveryRowANeighbour) {
  const Matrix<float> x = normal_matrix(6, 3, 1);
  const Matrix<float> y = normal_matrix(6, 3, 2);
  EXPECT_THAT(prepared("mutual_knn_chance_corrected(k=5)", x, y).reasons[0],
              HasSubstr("k = n - 1"));
  EXPECT_EQ(prepared("mutual_knn(k=5)", x, y).values({})(0, 0), 1);
  EXPECT_NEAR(prepared("mutual_knn_permutation_sd(k=5)", x, y).values({})(0, 0), 0, 1e-7);
}

TEST(NeighbourEdges, ASelfHsicThatIsNotAboveZero) {
  Matrix<float> x(9, 1);  // each row lists the two before it: few pairs are listed both ways
  for (int64_t i = 0; i < 9; ++i) x(i, 0) = std::ldexp(1.0F, static_cast<int>(i));
  EXPECT_THAT(prepared("cknna_prh_code(k=2, similarity=euclidean, preprocess=raw)", x,
                       normal_matrix(9, 4, 1))
                  .reasons[0],
              HasSubstr("not above 0"));
}

TEST(NeighbourEdges, ScaleOfAnySize) {
  const Matrix<float> x = normal_matrix(30, 5, 1);
  const Matrix<float> y = normal_matrix(30, 4, 2);
  auto names = kListMetrics;
  names.push_back("cknna_eq16_row_mean_without_self");
  for (const auto& name : names)
    for (const std::string preprocess : {"l2", "raw"}) {
      if (name == "cknna_prh_code" && preprocess == "raw") continue;  // adds 1e-6
      const std::string metric = fmt::format("{}(k=3, preprocess={})", name, preprocess);
      const double value = prepared(metric, x, y).values({})(0, 0);
      for (const int power : {-30, 30}) {
        Matrix<float> scaled = x;
        for (float& v : scaled.values()) v = std::ldexp(v, power);
        EXPECT_NEAR(prepared(metric, scaled, y).values({})(0, 0), value, 1e-12) << metric;
      }
    }
}

TEST(NeighbourEdges, CycleNeedsBothSides) {
  EXPECT_THROW(
      (void)prepared("cycle_knn(k=2, A=y, B=y)", normal_matrix(6, 3, 1), normal_matrix(6, 3, 2)),
      Error);
}

/// Half-split graphs carry nothing but lists.
TEST(NeighbourEdges, ListsWithoutScoresAreEnough) {
  const auto a = random_model("a", "vision", 50, 6, 3, 1);
  const auto b = random_model("b", "text", 50, 6, 2, 2);
  for (const auto& info : engine::metric_table()) {
    if (info.family != "neighbours" || info.needs != engine::Needs::graphs) continue;
    const auto metric = engine::parse_metric(fmt::format("{}(k=6)", info.name));
    auto left = engine::graph_side(a), right = engine::graph_side(b);
    std::vector<int32_t> classes(50, 3);
    left.classes = classes;
    const auto grid = prepare_metric({}, metric, left, right);
    EXPECT_THAT(grid.reasons, Each("")) << info.name;
    for (const double value : grid.values({}).values()) EXPECT_FALSE(std::isnan(value));
  }
}

/// One layer pair is counted by another way than many.
TEST(MutualKnn, OnePairIsTheCellOfTheGrid) {
  const auto a = random_model("a", "vision", 200, 12, 4, 1);
  const auto b = random_model("b", "text", 200, 12, 5, 1);  // shares lists with a
  const auto r = kernels::permutation(5, 0, kernels::Purpose::permutation, 1, 200);
  for (const int k : {1, 10, 12}) {
    const auto metric = engine::mutual_knn(k);
    const auto left = engine::graph_side(a), right = engine::graph_side(b);
    const auto grid = prepare_metric({}, metric, left, right);
    for (size_t i = 0; i < 4; ++i)
      for (size_t j = 0; j < 5; ++j) {
        auto one = left, other = right;
        one.layers = {left.layers[i]};
        other.layers = {right.layers[j]};
        const auto cell = prepare_metric({}, metric, one, other);
        for (const auto& relabelling : {std::span<const int32_t>(), std::span<const int32_t>(r)})
          EXPECT_EQ(cell.values(relabelling)(0, 0),
                    grid.values(relabelling)(static_cast<int64_t>(i), static_cast<int64_t>(j)));
      }
  }
}

TEST(Cknna, ItsShortNames) {
  EXPECT_EQ(engine::parse_metric("cknna(k=7)"), engine::parse_metric("cknna_eq16(k=7)"));
  EXPECT_EQ(engine::metric_from_json({{"metric", "cknna_prh"}, {"params", {{"k", 7}}}}),
            engine::parse_metric("cknna_prh_code(k=7)"));
}

}  // namespace
}  // namespace consilience::testing
