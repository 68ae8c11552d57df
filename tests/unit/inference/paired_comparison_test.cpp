#include "engine/inference/paired_comparison.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <vector>

#include "kernels/base/error.h"
#include "tests/support/random_graphs.h"
#include "tests/support/score_graphs.h"

namespace consilience::engine {
namespace {

using ::testing::HasSubstr;
using testing::random_model;

const kernels::Context kContext;
constexpr int kK = 3;
constexpr int64_t kRows = 60;
const MetricSpec kMetric = mutual_knn(kK);

struct Model {
  ModelGraphs graphs;
  ModelInput input;
  HalfGraphs halves;

  Model(const std::string& name, int layers, uint64_t seed, const HalfSplits& splits)
      : graphs(random_model(name, "", kRows, kRows - 1, layers, seed)) {
    input = graph_side(graphs);
    halves = half_split_graphs(graphs, kK, splits);
  }
  [[nodiscard]] HalvedModel side() const { return {&input, &halves}; }
};

const HalfSplits kSplits = draw_half_splits(3, 5, kRows);

/// Shared neighbours of row i / k, among the rows with member != 0.
double row_score(const LayerGraph& x, const LayerGraph& y, int64_t i,
                 const std::vector<uint8_t>& member) {
  const auto nearest = [&](const LayerGraph& layer) {
    std::set<int32_t> found;
    for (const int32_t j : layer.graph.index.row(i))
      if (member[static_cast<size_t>(j)] != 0 && std::ssize(found) < kK) found.insert(j);
    return found;
  };
  double shared = 0;
  const auto other = nearest(y);
  for (const int32_t j : nearest(x)) shared += static_cast<double>(other.count(j)) / kK;
  return shared;
}

/// Chosen on one half of the member queries, scored on the other, over the given splits.
double literal_cross_fit(const ModelGraphs& a, const ModelGraphs& c,
                         const std::vector<uint8_t>& member,
                         const std::vector<std::vector<uint8_t>>& queries) {
  double total = 0;
  double scored = 0;
  for (const auto& split : queries)
    for (const int chooser : {0, 1}) {
      double best = -1;
      double at_best = 0;
      for (const auto& x : a.layers)
        for (const auto& y : c.layers) {
          double choose = 0;
          double score = 0;
          for (int64_t i = 0; i < a.rows; ++i) {
            if (member[static_cast<size_t>(i)] == 0) continue;
            const double value = row_score(x, y, i, member);
            (split[static_cast<size_t>(i)] == chooser ? choose : score) += value;
          }
          if (choose > best + 1e-12) {
            best = choose;
            at_best = score;
          }
        }
      total += at_best;
    }
  for (const uint8_t m : member) scored += m;
  return total / (scored * static_cast<double>(queries.size()));
}

TEST(PairedComparison, EqualsTheLiteralDefinition) {
  const Model a("a", 2, 1, kSplits);
  const Model b("b", 3, 2, kSplits);
  const Model c("c", 2, 3, kSplits);
  const PairedComparison result =
      paired_comparison(kContext, kMetric, a.side(), b.side(), c.side(), kSplits);
  const std::vector<uint8_t> all(kRows, 1);
  EXPECT_NEAR(result.value_a, literal_cross_fit(a.graphs, c.graphs, all, kSplits.half), 1e-12);
  EXPECT_NEAR(result.value_b, literal_cross_fit(b.graphs, c.graphs, all, kSplits.half), 1e-12);
  EXPECT_DOUBLE_EQ(result.difference, result.value_a - result.value_b);
  double squares = 0;
  for (size_t s = 0; s < kSplits.half.size(); ++s) {
    auto others = kSplits.half;
    others.erase(others.begin() + static_cast<ptrdiff_t>(s));
    double of_half[2];
    for (const int side : {0, 1}) {
      std::vector<uint8_t> member;
      for (const uint8_t h : kSplits.half[s]) member.push_back(h == side ? 1 : 0);
      of_half[side] = literal_cross_fit(a.graphs, c.graphs, member, others) -
                      literal_cross_fit(b.graphs, c.graphs, member, others);
      EXPECT_NEAR(result.half_differences[2 * s + static_cast<size_t>(side)], of_half[side], 1e-12);
    }
    squares += (of_half[0] - of_half[1]) * (of_half[0] - of_half[1]) / 4;
  }
  EXPECT_NEAR(result.sd, std::sqrt(squares / 5), 1e-12);
  EXPECT_NEAR(result.hi - result.difference, 1.96 * result.sd, 1e-12);
  EXPECT_NEAR(result.p, std::erfc(std::abs(result.difference) / result.sd / std::sqrt(2)), 1e-12);
  EXPECT_EQ(result.interval, "half-splits(5)");
}

TEST(PairedComparison, SwappingAAndBChangesOnlyTheSign) {
  const Model a("a", 2, 1, kSplits);
  const Model b("b", 3, 2, kSplits);
  const Model c("c", 2, 3, kSplits);
  const auto ab = paired_comparison(kContext, kMetric, a.side(), b.side(), c.side(), kSplits);
  const auto ba = paired_comparison(kContext, kMetric, b.side(), a.side(), c.side(), kSplits);
  EXPECT_DOUBLE_EQ(ab.difference, -ba.difference);
  EXPECT_DOUBLE_EQ(ab.p, ba.p);
  EXPECT_DOUBLE_EQ(ab.lo, -ba.hi);
}

TEST(PairedComparison, AModelAgainstItselfAndAClearDifference) {
  const Model a("a", 1, 1, kSplits);
  const Model b("b", 1, 2, kSplits);
  const auto same = paired_comparison(kContext, kMetric, a.side(), a.side(), b.side(), kSplits);
  EXPECT_EQ(same.difference, 0);
  EXPECT_EQ(same.p, 1);
  // a against itself scores 1 everywhere.
  const auto clear = paired_comparison(kContext, kMetric, a.side(), b.side(), a.side(), kSplits);
  EXPECT_DOUBLE_EQ(clear.value_a, 1);
  EXPECT_LT(clear.p, 1e-6);
  EXPECT_GT(clear.lo, 0);
}

TEST(PairedComparison, Reasons) {
  const Model a("a", 1, 1, kSplits);
  Model b("b", 1, 2, kSplits);
  b.halves.reason = "no features";
  EXPECT_EQ(paired_comparison(kContext, kMetric, a.side(), b.side(), a.side(), kSplits).reason,
            "no features");
  b.halves.reason.clear();
  b.input.layers[0].reason = "constant layer";
  const auto undefined =
      paired_comparison(kContext, kMetric, a.side(), b.side(), a.side(), kSplits);
  EXPECT_THAT(undefined.reason, HasSubstr("constant layer"));
  EXPECT_TRUE(std::isnan(undefined.p));
  EXPECT_THROW((void)paired_comparison(kContext, kMetric, a.side(), a.side(), a.side(),
                                       draw_half_splits(1, 1, kRows)),
               Error);
  const auto small =
      paired_comparison(kContext, mutual_knn(4), a.side(), a.side(), a.side(), kSplits);
  EXPECT_THAT(small.reason,
              HasSubstr("a half of 30 rows; a paired comparison with k = 4 needs 40"));
}

}  // namespace
}  // namespace consilience::engine
