#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <numeric>

#include "engine/metrics/neighbours/permutation_moments.h"
#include "kernels/base/parallel.h"
#include "kernels/base/philox.h"
#include "tests/support/metric_sides.h"
#include "tests/support/random_graphs.h"

/// A relabelled grid is the grid of relabelled data; chance and moments are those of all n!
/// relabellings.
namespace consilience::testing {
namespace {

using engine::ModelInput;
using engine::PreparedGrid;

const std::vector<std::string> kMetrics = {
    "mutual_knn(k=3)",
    "mutual_knn(k=2, groups=merged)",
    "mutual_knn_chance_corrected(k=3)",
    "jaccard_knn(k=3)",
    "cycle_knn(k=3, A=x, B=y)",
    "cycle_knn(k=3, A=y, B=x)",
    "lcs_knn(k=3)",
    "edit_knn(k=3)",
    "rbo_knn(k=3)",
    "information_imbalance(direction=x->y)",
    "information_imbalance(direction=y->x)",
    "cknna_eq16(k=3)",
    "cknna_eq16_row_mean_without_self(k=3)",
    "cknna_prh_code(k=3)",
    "mutual_knn_permutation_mean(k=3)",
    "mutual_knn_permutation_sd(k=3)",
    "class_agreement_knn(k=3)",
    "mutual_knn_within_class_mean(k=3)",
    "mutual_knn_tie_min(k=3)",
    "mutual_knn_tie_max(k=3)",
};

/// Row r(i) of the result is row i of x.
Matrix<float> relabelled(const Matrix<float>& x, std::span<const int32_t> relabelling) {
  Matrix<float> moved(x.rows(), x.cols());
  for (int64_t i = 0; i < x.rows(); ++i)
    std::ranges::copy(x.row(i), moved.row(relabelling[static_cast<size_t>(i)]).begin());
  return moved;
}

std::vector<int32_t> in_blocks_of(int64_t n, int size) {
  std::vector<int32_t> ids;
  for (int64_t i = 0; i < n; ++i) ids.push_back(static_cast<int32_t>(i / size));
  return ids;
}

class Relabelling : public ::testing::TestWithParam<std::string> {
 protected:
  const engine::MetricSpec metric_ = engine::parse_metric(GetParam());
};

void set_ids(ModelInput& side, std::span<const int32_t> groups, std::span<const int32_t> classes) {
  side.groups = groups;
  side.classes = classes;
}

TEST_P(Relabelling, IsThatOfTheData) {
  for (const int64_t n : {21, 40}) {
    const std::vector<Matrix<float>> left = {normal_matrix(n, 5, 1), normal_matrix(n, 3, 2)};
    const std::vector<Matrix<float>> right = {normal_matrix(n, 4, 3), left[0], left[1]};
    const auto groups = in_blocks_of(n, 2);
    const auto classes = in_blocks_of(n, 7);
    const auto r = kernels::permutation(5, 0, kernels::Purpose::permutation, 1, n);
    MetricSide a("a", left, metric_);
    MetricSide b("b", right, metric_);
    MetricSide moved("a", {relabelled(left[0], r), relabelled(left[1], r)}, metric_);
    for (MetricSide* side : {&a, &b, &moved}) set_ids(side->input(), groups, classes);
    const PreparedGrid grid = prepare_metric({}, metric_, a.input(), b.input());
    const PreparedGrid expected = prepare_metric({}, metric_, moved.input(), b.input());
    EXPECT_THAT(grid.reasons, ::testing::Each(""));
    EXPECT_THAT(grid.values(r).values(),
                ::testing::Pointwise(::testing::DoubleNear(1e-12), expected.values({}).values()));
    std::vector<int32_t> identity(static_cast<size_t>(n));
    std::iota(identity.begin(), identity.end(), 0);
    EXPECT_EQ(grid.values(identity).values(), grid.values({}).values());
  }
}

TEST_P(Relabelling, FromSeveralThreadsAtOnce) {
  const int64_t n = 40;
  const auto groups = in_blocks_of(n, 2);
  MetricSide a("a", {normal_matrix(n, 5, 1)}, metric_);
  MetricSide b("b", {normal_matrix(n, 4, 3)}, metric_);
  for (MetricSide* side : {&a, &b}) set_ids(side->input(), groups, groups);
  const PreparedGrid grid = prepare_metric({}, metric_, a.input(), b.input());
  std::vector<double> together(64);
  kernels::parallel_for({kernels::Backend::cpu, 4}, 64, 1, [&](int64_t begin, int64_t) {
    const auto r =
        kernels::permutation(5, static_cast<uint32_t>(begin), kernels::Purpose::permutation, 1, n);
    together[static_cast<size_t>(begin)] = grid.values(r)(0, 0);
  });
  for (uint32_t p = 0; p < 64; ++p) {
    const auto r = kernels::permutation(5, p, kernels::Purpose::permutation, 1, n);
    EXPECT_EQ(together[p], grid.values(r)(0, 0));
  }
}

TEST_P(Relabelling, ScoresPerSampleHaveTheScoreAsMean) {
  const int64_t n = 30;
  const auto groups = in_blocks_of(n, 3);
  MetricSide a("a", {normal_matrix(n, 5, 1), normal_matrix(n, 2, 4)}, metric_);
  MetricSide b("b", {normal_matrix(n, 4, 3), normal_matrix(n, 4, 5)}, metric_);
  for (MetricSide* side : {&a, &b}) set_ids(side->input(), groups, groups);
  const PreparedGrid grid = prepare_metric({}, metric_, a.input(), b.input());
  if (!grid.per_sample) {
    EXPECT_TRUE(metric_.name.starts_with("cknna") ||
                metric_.name.starts_with("mutual_knn_permutation"));
    return;
  }
  const Matrix<double> values = grid.values({});
  for (int64_t i = 0; i < 2; ++i)
    for (int64_t j = 0; j < 2; ++j) {
      const auto scores = grid.per_sample(i, j);
      ASSERT_EQ(std::ssize(scores), n);
      EXPECT_NEAR(std::accumulate(scores.begin(), scores.end(), 0.0) / static_cast<double>(n),
                  values(i, j), 1e-12);
    }
}

/// Over all 720 relabellings of 6 rows.
TEST_P(Relabelling, ChanceIsTheMeanOfAll) {
  const std::vector<int32_t> classes = {0, 0, 1, 1, 1, 0};
  MetricSide a("a", {normal_matrix(6, 2, 1)}, metric_);
  MetricSide b("b", {normal_matrix(6, 3, 3)}, metric_);
  for (MetricSide* side : {&a, &b}) side->input().classes = classes;
  const PreparedGrid grid = prepare_metric({}, metric_, a.input(), b.input());
  if (std::isnan(grid.chance)) return;
  std::vector<int32_t> r = {0, 1, 2, 3, 4, 5};
  double sum = 0;
  do {
    sum += grid.values(r)(0, 0);
  } while (std::ranges::next_permutation(r).found);
  EXPECT_NEAR(sum / 720, grid.chance, 1e-12);
}

INSTANTIATE_TEST_SUITE_P(Metrics, Relabelling, ::testing::ValuesIn(kMetrics),
                         [](const auto& metric) {
                           std::string name;
                           for (const char c : metric.param)
                             name += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
                           return name;
                         });

TEST(Chance, IsKnownWhereTheTableSaysSo) {
  for (const auto& [name, chance] :
       std::map<std::string, double>{{"mutual_knn(k=2)", 2.0 / 5},
                                     {"mutual_knn_chance_corrected(k=2)", 0},
                                     {"information_imbalance", 1}}) {
    const auto metric = engine::parse_metric(name);
    MetricSide a("a", {normal_matrix(6, 2, 1)}, metric);
    EXPECT_EQ(prepare_metric({}, metric, a.input(), a.input()).chance, chance) << name;
  }
}

class Moments : public ::testing::TestWithParam<std::pair<int64_t, int>> {};

TEST_P(Moments, OfAllRelabellings) {
  const auto [n, k] = GetParam();
  // A hub: every row is near row 0.
  Matrix<float> x = normal_matrix(n, 2, 7);
  for (float& v : x.row(0)) v = 0;
  const auto euclidean = engine::parse_metric(
      fmt::format("mutual_knn(k={}, similarity=euclidean, preprocess=raw)", k));
  MetricSide a("a", {x}, euclidean);
  MetricSide b("b", {normal_matrix(n, 3, 8)}, euclidean);
  const PreparedGrid grid = prepare_metric({}, euclidean, a.input(), b.input());
  std::vector<int32_t> r(static_cast<size_t>(n));
  std::iota(r.begin(), r.end(), 0);
  double sum = 0, squares = 0, count = 0;
  do {
    const double value = grid.values(r)(0, 0);
    sum += value;
    squares += value * value;
    ++count;
  } while (std::ranges::next_permutation(r).found);
  const auto counts = [k = k](const MetricSide& side) {
    return engine::graph_counts(side.input().layers[0].graph->index.view(), k);
  };
  const auto moments = engine::permutation_moments(counts(a), counts(b));
  EXPECT_NEAR(moments.mean, sum / count, 1e-12);
  EXPECT_NEAR(moments.variance, squares / count - sum / count * sum / count, 1e-12);
}

INSTANTIATE_TEST_SUITE_P(Sizes, Moments,
                         ::testing::Values(std::pair{4, 1}, std::pair{4, 2}, std::pair{5, 2},
                                           std::pair{6, 3}, std::pair{6, 5}, std::pair{7, 1}));

}  // namespace
}  // namespace consilience::testing
