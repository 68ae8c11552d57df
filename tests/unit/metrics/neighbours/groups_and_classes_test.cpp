#include <gtest/gtest.h>

#include <numeric>
#include <set>

#include "kernels/base/error.h"
#include "tests/unit/metrics/neighbours/plain_lists.h"

namespace consilience::testing {
namespace {

using plain::List;

std::vector<int32_t> ids(int64_t n, int64_t kinds, uint64_t seed) {
  Draws draws(seed);
  std::vector<int32_t> all;
  for (int64_t i = 0; i < n; ++i) all.push_back(draws.below(kinds));
  return all;
}

/// The first k distinct groups of others.
List groups_of(const List& order, const std::vector<int32_t>& groups, size_t row, int k) {
  List found;
  for (const int32_t j : order) {
    const int32_t group = groups[static_cast<size_t>(j)];
    if (group == groups[row] || plain::holds(found, group)) continue;
    found.push_back(group);
    if (std::ssize(found) == k) break;
  }
  return found;
}

TEST(MergedGroups, AreTheFirstDistinctOnesOfBothLists) {
  const int64_t n = 40;
  const int k = 4;
  const auto groups = ids(n, 15, 3);
  const Matrix<float> x = normal_matrix(n, 3, 1);
  Matrix<float> y = normal_matrix(n, 3, 2);
  for (size_t v = 0; v < y.values().size(); ++v) y.values()[v] += x.values()[v];
  const auto metric = engine::parse_metric("mutual_knn(k=4, groups=merged, preprocess=l2)");
  MetricSide a("a", {x}, metric), b("b", {y}, metric);
  a.input().groups = b.input().groups = groups;
  const auto orders_x = plain::orders(plain::scores(x, true));
  const auto orders_y = plain::orders(plain::scores(y, true));
  double sum = 0;
  for (size_t i = 0; i < orders_x.size(); ++i)
    sum +=
        plain::shared(groups_of(orders_x[i], groups, i, k), groups_of(orders_y[i], groups, i, k));
  const auto grid = prepare_metric({}, metric, a.input(), b.input());
  ASSERT_EQ(grid.reasons[0], "");
  EXPECT_NEAR(grid.values({})(0, 0), sum / (static_cast<double>(n) * k), 1e-12);
  EXPECT_TRUE(std::isnan(grid.chance));
}

TEST(MergedGroups, OfOneRowEachAreTheRows) {
  const auto merged = engine::parse_metric("mutual_knn(k=5, groups=merged)");
  std::vector<int32_t> groups(30);
  std::iota(groups.begin(), groups.end(), 0);
  MetricSide a("a", {normal_matrix(30, 3, 1)}, merged), b("b", {normal_matrix(30, 3, 2)}, merged);
  a.input().groups = b.input().groups = groups;
  const auto plain = engine::parse_metric("mutual_knn(k=5)");
  EXPECT_EQ(prepare_metric({}, merged, a.input(), b.input()).values({}).values(),
            prepare_metric({}, plain, a.input(), b.input()).values({}).values());
}

TEST(MergedGroups, TooFewInAListIsAReason) {
  const auto metric = engine::parse_metric("mutual_knn(k=3, groups=merged)");
  const std::vector<int32_t> groups = {0, 0, 0, 0, 1, 1, 1, 1, 2, 2};
  MetricSide a("a", {normal_matrix(10, 3, 1)}, metric);
  EXPECT_EQ(prepare_metric({}, metric, a.input(), a.input()).reasons[0],
            "block_0/mean: no group ids were given");
  a.input().groups = groups;
  const auto grid = prepare_metric({}, metric, a.input(), a.input());
  EXPECT_EQ(grid.reasons[0],
            "block_0/mean: row 0 lists 9 rows of 2 other groups; expected at least k = 3 groups");
  EXPECT_TRUE(std::isnan(grid.values({})(0, 0)));
}

TEST(MergedGroups, RefusesOtherGroupsOnTheOtherSide) {
  const auto metric = engine::parse_metric("mutual_knn(k=1, groups=merged)");
  MetricSide a("a", {normal_matrix(4, 3, 1)}, metric), b("b", {normal_matrix(4, 3, 2)}, metric);
  const std::vector<int32_t> one = {0, 0, 1, 1}, other = {0, 1, 0, 1}, negative = {-1, 0, 1, 1};
  a.input().groups = one;
  b.input().groups = other;
  EXPECT_THROW((void)prepare_metric({}, metric, a.input(), b.input()), Error);
  a.input().groups = b.input().groups = negative;
  EXPECT_THROW((void)prepare_metric({}, metric, a.input(), b.input()), Error);
}

TEST(ClassAgreement, CountsTheSmallerOfBothCounts) {
  const int64_t n = 40;
  const auto classes = ids(n, 4, 3);
  const Matrix<float> x = normal_matrix(n, 3, 1), y = normal_matrix(n, 3, 2);
  const auto metric = engine::parse_metric("class_agreement_knn(k=6, preprocess=l2)");
  MetricSide a("a", {x}, metric), b("b", {y}, metric);
  b.input().classes = classes;  // one side's are enough
  const auto orders_x = plain::orders(plain::scores(x, true));
  const auto orders_y = plain::orders(plain::scores(y, true));
  double sum = 0;
  for (size_t i = 0; i < orders_x.size(); ++i)
    for (int32_t one = 0; one < 4; ++one) {
      const auto count = [&](const List& list) {
        return std::ranges::count_if(
            list, [&](int32_t j) { return classes[static_cast<size_t>(j)] == one; });
      };
      sum += static_cast<double>(
          std::min(count(plain::first(orders_x[i], 6)), count(plain::first(orders_y[i], 6))));
    }
  EXPECT_NEAR(prepare_metric({}, metric, a.input(), b.input()).values({})(0, 0), sum / (40.0 * 6),
              1e-12);
}

TEST(ClassAgreement, NeedsClassIds) {
  for (const std::string name : {"class_agreement_knn(k=2)", "mutual_knn_within_class_mean(k=2)"}) {
    const auto metric = engine::parse_metric(name);
    MetricSide a("a", {normal_matrix(8, 3, 1)}, metric);
    const auto grid = prepare_metric({}, metric, a.input(), a.input());
    EXPECT_EQ(grid.reasons[0], "no class ids were given");
    EXPECT_TRUE(std::isnan(grid.values({})(0, 0)));
  }
}

TEST(ClassAgreement, RefusesTwoOpinionsOnClasses) {
  const auto metric = engine::parse_metric("class_agreement_knn(k=2)");
  MetricSide a("a", {normal_matrix(8, 3, 1)}, metric), b("b", {normal_matrix(8, 3, 2)}, metric);
  const std::vector<int32_t> one(8, 0), other(8, 1);
  a.input().classes = one;
  b.input().classes = other;
  EXPECT_THROW((void)prepare_metric({}, metric, a.input(), b.input()), Error);
}

TEST(WithinClassMean, IsTheMeanOverAllRelabellingsWithinClasses) {
  const std::vector<int32_t> classes = {0, 1, 0, 1, 1, 0, 2};
  const auto metric = engine::parse_metric("mutual_knn_within_class_mean(k=2)");
  MetricSide a("a", {normal_matrix(7, 2, 1)}, metric), b("b", {normal_matrix(7, 3, 2)}, metric);
  a.input().classes = b.input().classes = classes;
  const auto plain =
      prepare_metric({}, engine::parse_metric("mutual_knn(k=2)"), a.input(), b.input());
  std::vector<int32_t> r = {0, 1, 2, 3, 4, 5, 6};
  double sum = 0, count = 0;
  do {
    bool within = true;
    for (size_t i = 0; i < r.size(); ++i)
      within = within && classes[i] == classes[static_cast<size_t>(r[i])];
    if (!within) continue;
    sum += plain.values(r)(0, 0);
    ++count;
  } while (std::ranges::next_permutation(r).found);
  EXPECT_EQ(count, 36);
  EXPECT_NEAR(prepare_metric({}, metric, a.input(), b.input()).values({})(0, 0), sum / count,
              1e-12);
}

}  // namespace
}  // namespace consilience::testing
