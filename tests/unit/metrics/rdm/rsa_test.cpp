#include "engine/metrics/rdm/rsa.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "engine/metrics/rdm/kendall.h"
#include "engine/metrics/rdm/sampled_pairs.h"
#include "tests/support/exact_features.h"
#include "tests/support/metric_sides.h"
#include "tests/support/plain_rdm.h"

namespace consilience::engine {
namespace {

using testing::grid_features;
using ::testing::HasSubstr;
using testing::MetricSide;
using testing::normal_matrix;

const std::vector<std::string> kRdms = {"correlation", "euclidean", "sqeuclidean", "cosine"};
const std::vector<std::string> kComparisons = {"pearson", "spearman", "cosine", "kendall_tau_a"};

std::string named(const std::string& comparison, const std::string& rdm) {
  return "rsa_" + comparison + "(rdm=" + rdm + ")";
}

TEST(Rsa, GivesTheDefinition) {
  for (const auto& comparison : kComparisons)
    for (const auto& rdm : kRdms)
      for (const int64_t n : {3, 4, 20, 70}) {
        const auto x = normal_matrix(n, 6, 1);
        const auto y = normal_matrix(n, 9, 2);
        EXPECT_NEAR(testing::score(named(comparison, rdm), x, y),
                    testing::plain_rsa(comparison, testing::rdm_entries(rdm, x),
                                       testing::rdm_entries(rdm, y)),
                    1e-11)
            << comparison << " " << rdm << " " << n;
      }
}

TEST(Rsa, RelabelsRowsOfTheFirstSide) {
  for (const auto& comparison : kComparisons) {
    const MetricSpec metric = parse_metric(named(comparison, "euclidean"));
    const std::vector<Matrix<float>> xs = {normal_matrix(40, 3, 3), normal_matrix(40, 5, 4)};
    const std::vector<Matrix<float>> ys = {normal_matrix(40, 4, 5), normal_matrix(40, 2, 6),
                                           normal_matrix(40, 7, 7)};
    const MetricSide a("a", xs, metric);
    const MetricSide b("b", ys, metric);
    const auto grid = prepare_metric({}, metric, a.input(), b.input());
    const auto relabelling = kernels::permutation(5, 0, kernels::Purpose::permutation, 0, 40);
    const auto place = rows_in_place(relabelling, 40);
    const auto moved = grid.values(relabelling);
    for (size_t i = 0; i < xs.size(); ++i)
      for (size_t j = 0; j < ys.size(); ++j)
        EXPECT_NEAR(moved(static_cast<int64_t>(i), static_cast<int64_t>(j)),
                    testing::score(metric, testing::reordered(xs[i], place), ys[j]), 1e-12)
            << comparison;
  }
}

/// Features of few values: most distances tie, and rounding must not break ties, at any scale.
TEST(Rsa, TiesStayTiesAtEveryScale) {
  testing::Draws draws(8);
  const auto signs = [&] {
    Matrix<float> x(40, 16);
    for (float& v : x.values()) v = draws.uniform() < 0.5 ? -1 : 1;
    return x;
  };
  const auto x = signs();
  const auto y = signs();
  for (const char* comparison : {"spearman", "kendall_tau_a"})
    for (const auto& rdm : kRdms) {
      const std::string metric = named(comparison, rdm);
      const double right = testing::plain_rsa(comparison, testing::rdm_entries(rdm, x),
                                              testing::rdm_entries(rdm, y));
      for (const float scale : {0x1p-30F, 1e-9F, 1.0F, 1e9F, 0x1p30F})
        EXPECT_NEAR(testing::score(metric, testing::scaled(x, scale), y), right, 1e-12)
            << metric << " " << scale;
    }
}

/// Rows that are multiples of each other are at cosine distance 0, all alike, whatever rounding of
/// their norms leaves.
TEST(Rsa, MultiplesOfARowTieAtZero) {
  Matrix<float> x = grid_features(24, 7, 21);
  for (int64_t i = 12; i < 24; ++i)
    for (int64_t f = 0; f < 7; ++f) x(i, f) = 3 * x(i - 12, f);
  const auto y = normal_matrix(24, 5, 22);
  for (const char* comparison : {"spearman", "kendall_tau_a"})
    EXPECT_NEAR(testing::score(named(comparison, "cosine"), x, y),
                testing::plain_rsa(comparison, testing::rdm_entries("cosine", x),
                                   testing::rdm_entries("cosine", y)),
                1e-12);
}

TEST(Rsa, ChanceIsZeroOverAllRelabellings) {
  for (const char* comparison : {"pearson", "spearman", "kendall_tau_a"}) {
    const MetricSpec metric = parse_metric(named(comparison, "euclidean"));
    const MetricSide a("a", {grid_features(5, 2, 9)}, metric);
    const MetricSide b("b", {grid_features(5, 3, 10)}, metric);
    const auto grid = prepare_metric({}, metric, a.input(), b.input());
    std::vector<int32_t> order = {0, 1, 2, 3, 4};
    double sum = 0;
    do sum += grid.values(order)(0, 0);
    while (std::ranges::next_permutation(order).found);
    EXPECT_NEAR(sum / 120, 0, 1e-12) << comparison;
    EXPECT_EQ(grid.chance, 0);
  }
}

std::string reason(const std::string& text, const Matrix<float>& x, const Matrix<float>& y) {
  const MetricSpec metric = parse_metric(text);
  const MetricSide a("a", {x}, metric);
  const MetricSide b("b", {y}, metric);
  const auto grid = prepare_metric({}, metric, a.input(), b.input());
  EXPECT_TRUE(std::isnan(grid.values({})(0, 0)));
  return grid.reasons[0];
}

/// Users' cases 1 and 2: a constant pattern must be named, not become NaN in one space.
TEST(Rsa, NamesRowsWithoutDirection) {
  const auto y = normal_matrix(9, 4, 11);
  Matrix<float> x = normal_matrix(9, 4, 12);
  for (float& v : x.row(5)) v = 0.1F;
  EXPECT_THAT(reason("rsa_pearson", x, y),
              HasSubstr("row 5 has equal values, so no correlation distance; drop it from both"));
  EXPECT_THAT(reason("rsa_spearman(rdm=correlation)", y, x), HasSubstr("row 5 has equal values"));
  EXPECT_FALSE(std::isnan(testing::score("rsa_pearson(rdm=cosine)", x, y)));
  EXPECT_FALSE(std::isnan(testing::score("rsa_pearson(rdm=euclidean)", x, y)));
  for (float& v : x.row(5)) v = 0;
  for (float& v : x.row(7)) v = 0;
  EXPECT_THAT(reason("rsa_cosine(rdm=cosine)", x, y),
              HasSubstr("rows 5, 7 have norm 0, so no cosine distance; drop them"));
  EXPECT_THAT(reason("rsa_pearson", normal_matrix(9, 1, 13), y),
              HasSubstr("rows 0, 1, 2, 3, 4 and 4 more have equal values"));
}

TEST(Rsa, SaysWhenAllDissimilaritiesAreEqual) {
  Matrix<float> corners(6, 6);
  for (int64_t i = 0; i < 6; ++i) corners(i, i) = 3;
  const auto y = normal_matrix(6, 4, 14);
  for (const auto& rdm : kRdms)
    for (const char* comparison : {"pearson", "spearman", "kendall_tau_a"})
      EXPECT_THAT(reason(named(comparison, rdm), corners, y),
                  HasSubstr("all dissimilarities are equal"))
          << rdm << " " << comparison;
  EXPECT_NEAR(testing::score("rsa_cosine(rdm=euclidean)", corners, corners), 1, 1e-12);
  EXPECT_THAT(reason("rsa_pearson", normal_matrix(2, 5, 1), normal_matrix(2, 5, 2)),
              HasSubstr("at least 3"));
  EXPECT_THAT(reason("rsa_pearson(rdm=euclidean)", Matrix<float>(6, 2, 2.0F), y),
              HasSubstr("equal"));
}

TEST(Rsa, SampledPairsComeWithAStandardErrorThatHolds) {
  const auto x = normal_matrix(150, 4, 15);
  auto y = normal_matrix(150, 4, 16);
  for (size_t i = 0; i < y.values().size(); ++i) y.values()[i] += x.values()[i];
  for (const auto& comparison : kComparisons) {
    const double all = testing::score(named(comparison, "euclidean"), x, y);
    const MetricSpec metric = parse_metric("rsa_" + comparison + "(rdm=euclidean, pairs=4000)");
    const MetricSide a("a", {x}, metric);
    const MetricSide b("b", {y}, metric);
    const auto grid = prepare_metric({}, metric, a.input(), b.input());
    ASSERT_EQ(grid.remarks.size(), 1U);
    const std::string& remark = grid.remarks[0];
    EXPECT_THAT(remark, HasSubstr("4000 of 11175 pairs"));
    const double error = std::stod(remark.substr(remark.find("at most ") + 8));
    EXPECT_GT(error, 1e-4) << comparison;
    EXPECT_LT(error, 0.02) << comparison;
    EXPECT_LT(std::abs(grid.values({})(0, 0) - all), 4 * error) << comparison;
    const auto relabelling = kernels::permutation(5, 0, kernels::Purpose::permutation, 0, 150);
    const auto moved = testing::reordered(x, rows_in_place(relabelling, 150));
    EXPECT_NEAR(grid.values(relabelling)(0, 0), testing::score(metric, moved, y), 1e-12);
  }
}

TEST(Rsa, TakesAllPairsWhereTheSampleWouldBeLarger) {
  const auto x = normal_matrix(30, 4, 17);
  const auto y = normal_matrix(30, 4, 18);
  EXPECT_EQ(testing::score("rsa_pearson(pairs=1000)", x, y), testing::score("rsa_pearson", x, y));
  EXPECT_TRUE(is_pair_count("auto"));
  for (const char* wrong : {"", "999", "100000001", "1e5", "2000 ", "-2000"})
    EXPECT_FALSE(is_pair_count(wrong)) << wrong;
}

TEST(SampledPairs, AreDistinctRowsSpreadOverAllPairs) {
  const RowPairs pairs = sample_pairs(50, 20000);
  std::vector<int64_t> seen(50);
  for (size_t s = 0; s < pairs.i.size(); ++s) {
    ASSERT_GT(pairs.i[s], pairs.j[s]);
    ASSERT_GE(pairs.j[s], 0);
    ASSERT_LT(pairs.i[s], 50);
    ++seen[static_cast<size_t>(pairs.i[s])];
    ++seen[static_cast<size_t>(pairs.j[s])];
  }
  for (const int64_t count : seen) EXPECT_NEAR(static_cast<double>(count), 800, 5 * 28);
}

TEST(Kendall, CountsEveryPairWithTies) {
  testing::Draws draws(19);
  for (const int values : {2, 5, 1000})
    for (const size_t m : {2, 3, 17, 64, 200}) {
      std::vector<double> x(m);
      std::vector<double> y(m);
      for (size_t i = 0; i < m; ++i) {
        x[i] = draws.below(values);
        y[i] = draws.below(values);
      }
      EXPECT_DOUBLE_EQ(KendallAgainst(y).tau_a(x), testing::kendall_by_counting(x, y));
    }
}

}  // namespace
}  // namespace consilience::engine
