#include "engine/metrics/kernel/kernel_grid.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/exact_features.h"
#include "tests/support/metric_sides.h"
#include "tests/support/plain_kernels.h"

namespace consilience::engine {
namespace {

using ::testing::HasSubstr;
using testing::MetricSide;
using testing::normal_matrix;
using testing::reordered;

struct Shape {
  int64_t n, dx, dy;
};

/// Rows that fill no stripe; fewer rows than features; the fewest rows.
const std::vector<Shape> kShapes = {{4, 3, 2}, {5, 1, 7}, {33, 4, 40}, {65, 7, 3}};
constexpr Shape kTwoTiles = {530, 3, 2};

struct Named {
  std::string metric;
  KernelPlan plan;
};

const std::vector<Named> kMetrics = {
    {"hsic_linear_biased", {PairEntry::dot, Estimator::biased, KernelScore::hsic}},
    {"hsic_linear_debiased", {PairEntry::dot, Estimator::debiased, KernelScore::hsic}},
    {"hsic_rbf_biased", {PairEntry::rbf, Estimator::biased, KernelScore::hsic}},
    {"hsic_rbf_debiased(sigma=0.7 x median)",
     {PairEntry::rbf, Estimator::debiased, KernelScore::hsic}},
    {"cka_linear_biased", {PairEntry::dot, Estimator::biased, KernelScore::ratio}},
    {"cka_linear_debiased", {PairEntry::dot, Estimator::debiased, KernelScore::ratio}},
    {"cka_rbf_biased(sigma=2 (absolute))", {PairEntry::rbf, Estimator::biased, KernelScore::ratio}},
    {"cka_rbf_debiased", {PairEntry::rbf, Estimator::debiased, KernelScore::ratio}},
    {"dcor_biased", {PairEntry::distance, Estimator::biased, KernelScore::root_of_ratio}},
    {"dcor_sqr_biased", {PairEntry::distance, Estimator::biased, KernelScore::ratio}},
    {"dcor_sqr_unbiased", {PairEntry::distance, Estimator::debiased, KernelScore::ratio}},
};

Matrix<double> plain_kernel(const Named& metric, const Matrix<float>& x) {
  if (metric.plan.entry == PairEntry::dot) return testing::linear_kernel(x);
  if (metric.plan.entry == PairEntry::distance) return testing::distances(x);
  const double median = testing::median_distance_of(x);
  if (metric.metric.find("0.7") != std::string::npos) return testing::rbf_kernel(x, 0.7 * median);
  if (metric.metric.find("absolute") != std::string::npos) return testing::rbf_kernel(x, 2);
  return testing::rbf_kernel(x, 0.5 * median);
}

double plain_score(const Named& metric, const Matrix<float>& x, const Matrix<float>& y) {
  const auto k = plain_kernel(metric, x);
  const auto l = plain_kernel(metric, y);
  const auto hsic = [&](const Matrix<double>& a, const Matrix<double>& b) {
    return metric.plan.estimator == Estimator::biased ? testing::hsic_biased(a, b)
                                                      : testing::hsic_debiased(a, b);
  };
  if (metric.plan.score == KernelScore::hsic) return hsic(k, l);
  const double ratio = testing::ratio(hsic, k, l);
  return metric.plan.score == KernelScore::root_of_ratio ? std::sqrt(ratio) : ratio;
}

/// All layers of both sides by each path, before and after a relabelling, against the definition.
void expect_definition(const Named& named, const Shape& shape, const std::vector<Path>& paths) {
  const MetricSpec metric = parse_metric(named.metric);
  std::vector<Matrix<float>> xs = {normal_matrix(shape.n, shape.dx, 1)};
  std::vector<Matrix<float>> ys = {normal_matrix(shape.n, shape.dy, 3)};
  if (shape.n < kTwoTiles.n) {
    xs.push_back(normal_matrix(shape.n, shape.dy, 2));
    ys.push_back(normal_matrix(shape.n, shape.dx, 4));
    ys.push_back(xs[0]);
  }
  const MetricSide a("a", xs, metric);
  const MetricSide b("b", ys, metric);
  const auto relabelling = kernels::permutation(7, 0, kernels::Purpose::permutation, 0, shape.n);
  const auto place = rows_in_place(relabelling, shape.n);
  Matrix<double> right(std::ssize(xs), std::ssize(ys));
  Matrix<double> right_moved(std::ssize(xs), std::ssize(ys));
  for (int64_t i = 0; i < right.rows(); ++i)
    for (int64_t j = 0; j < right.cols(); ++j) {
      const auto& x = xs[static_cast<size_t>(i)];
      const auto& y = ys[static_cast<size_t>(j)];
      right(i, j) = plain_score(named, x, y);
      right_moved(i, j) = plain_score(named, reordered(x, place), y);
    }
  for (const Path path : paths) {
    if (path == Path::features && named.plan.entry != PairEntry::dot) continue;
    SCOPED_TRACE("path " + std::to_string(static_cast<int>(path)));
    const PreparedGrid grid =
        prepare_kernel_grid({}, metric, a.input(), b.input(), named.plan, path);
    const Matrix<double> values = grid.values({});
    const Matrix<double> moved = grid.values(relabelling);
    for (size_t c = 0; c < right.values().size(); ++c) {
      EXPECT_NEAR(values.values()[c], right.values()[c], 1e-10 * (1 + std::abs(right.values()[c])));
      EXPECT_NEAR(moved.values()[c], right_moved.values()[c],
                  1e-10 * (1 + std::abs(right_moved.values()[c])));
    }
  }
}

TEST(KernelGrid, EveryPathGivesTheDefinition) {
  for (const auto& metric : kMetrics)
    for (const auto& shape : kShapes) {
      SCOPED_TRACE(metric.metric + " n=" + std::to_string(shape.n));
      expect_definition(metric, shape, {Path::kept, Path::tiles, Path::features});
    }
}

TEST(KernelGrid, TilesMeetAtTheirEdges) {
  for (const size_t metric : {5, 7, 10})  // one of each kernel
    expect_definition(kMetrics[metric], kTwoTiles, {Path::tiles});
}

TEST(KernelGrid, StreamsOverManyBlocks) {  // 2,500 rows fill neither 2,048 nor 1,024
  const auto x = testing::translated(normal_matrix(2500, 4, 5));
  const auto y = normal_matrix(2500, 3, 6);
  const KernelPlan plan{PairEntry::dot, Estimator::debiased, KernelScore::hsic};
  const MetricSpec metric = parse_metric("hsic_linear_debiased");
  const MetricSide a("a", {x}, metric);
  const MetricSide b("b", {y}, metric);
  const auto by = [&](Path path) {
    return prepare_kernel_grid({}, metric, a.input(), b.input(), plan, path).values({})(0, 0);
  };
  EXPECT_NEAR(by(Path::features), by(Path::kept), 1e-12);
}

TEST(KernelGrid, ChanceOfDebiasedOnesIsZeroOverAllRelabellings) {
  const auto with_common_factor = [](Matrix<float> x) {
    for (int64_t i = 0; i < x.rows(); ++i)
      for (float& v : x.row(i)) v += static_cast<float>(2 * i);
    return x;
  };
  const auto x = with_common_factor(normal_matrix(5, 3, 8));
  const auto y = with_common_factor(normal_matrix(5, 4, 9));
  for (const char* name : {"cka_linear_debiased", "cka_rbf_debiased", "hsic_linear_debiased",
                           "cka_linear_feature_corrected", "dcor_sqr_unbiased"}) {
    const MetricSpec metric = parse_metric(name);
    const MetricSide a("a", {x}, metric);
    const MetricSide b("b", {y}, metric);
    const auto grid = prepare_metric({}, metric, a.input(), b.input());
    std::vector<int32_t> order = {0, 1, 2, 3, 4};
    double sum = 0;
    do sum += grid.values(order)(0, 0);
    while (std::ranges::next_permutation(order).found);
    EXPECT_NEAR(sum / 120, 0, 1e-12) << name;
    EXPECT_EQ(grid.chance, 0);
  }
}

/// Users' case 17: "unbiased" code gave 0.198 .. 0.029 here.
TEST(KernelGrid, DebiasedCkaOfIndependentGaussiansIsZeroOnAverage) {
  for (const char* name : {"cka_linear_debiased", "cka_rbf_debiased"})
    for (const int64_t n : {32, 64, 128, 256}) {
      double sum = 0;
      double squares = 0;
      for (uint64_t seed = 0; seed < 20; ++seed) {
        const double value = testing::score(name, normal_matrix(n, 32, 100 + seed),
                                            normal_matrix(n, 32, 200 + seed));
        sum += value;
        squares += value * value;
      }
      const double mean = sum / 20;
      const double error = std::sqrt((squares / 20 - mean * mean) / 19);
      EXPECT_LT(std::abs(mean), 3 * error) << name << " " << n;
      EXPECT_LT(error, 0.02) << name << " " << n;
    }
}

TEST(KernelGrid, SinglePrecisionIsWithinItsBound) {
  const int64_t d = 300;
  const auto x = testing::translated(normal_matrix(200, d, 10));
  auto y = normal_matrix(200, d, 11);
  for (size_t i = 0; i < y.values().size(); ++i) y.values()[i] += x.values()[i];
  for (const char* name : {"cka_linear_biased", "cka_linear_debiased"}) {
    const double wide = testing::score(name, x, y);
    const double narrow = testing::score(std::string(name) + "(precision=f32)", x, y);
    // An entry is off by (d + 2) 2^-24 |x_i| |x_j|, so a kernel by that times its trace in norm,
    // and the ratio by at most twice the relative error of either side.
    double bound = 0;
    for (const Matrix<float>* m : {&std::as_const(x), &std::as_const(y)}) {
      const auto k = testing::centred(testing::linear_kernel(*m));
      double trace = 0;
      for (int64_t i = 0; i < 200; ++i) trace += k(i, i);
      bound += 2 * (d + 2) * 0x1p-24 * trace / std::sqrt(testing::inner_product(k, k));
    }
    EXPECT_LT(std::abs(wide - narrow), bound) << name;
    EXPECT_LT(std::abs(wide - narrow), 2e-5) << name;
    EXPECT_NE(wide, narrow) << name;
  }
}

TEST(KernelGrid, SaysWhyThereIsNoScore) {
  const auto reason = [](const std::string& text, const Matrix<float>& x, const Matrix<float>& y) {
    const MetricSpec metric = parse_metric(text);
    const MetricSide a("a", {x}, metric);
    const MetricSide b("b", {y}, metric);
    const auto grid = prepare_metric({}, metric, a.input(), b.input());
    EXPECT_TRUE(std::isnan(grid.values({})(0, 0)));
    return grid.reasons[0];
  };
  const auto x = normal_matrix(3, 2, 12);
  EXPECT_THAT(reason("cka_linear_debiased", x, x), HasSubstr("3 rows; a debiased estimate needs"));
  EXPECT_THAT(reason("cka_linear_biased", Matrix<float>(9, 2, 1.5F), normal_matrix(9, 2, 1)),
              HasSubstr("equal"));
  Matrix<float> parallel = normal_matrix(9, 2, 13);  // under l2 all rows are the same
  for (int64_t i = 0; i < 9; ++i) {
    parallel(i, 0) = static_cast<float>(i + 1);
    parallel(i, 1) = static_cast<float>(3 * (i + 1));
  }
  EXPECT_THAT(reason("cka_linear_biased(preprocess=l2)", parallel, normal_matrix(9, 2, 1)),
              HasSubstr("all rows are equal"));
  EXPECT_THAT(reason("cka_rbf_debiased(sigma=1e-9 (absolute))", normal_matrix(9, 2, 14),
                     normal_matrix(9, 2, 15)),
              HasSubstr("HSIC with itself is 0, not above 0"));
  Matrix<float> duplicates(9, 2);  // most pairs are at distance 0
  duplicates(0, 0) = 1;
  EXPECT_THAT(reason("cka_rbf_biased", duplicates, normal_matrix(9, 2, 15)),
              HasSubstr("median distance is 0"));
  Matrix<float> corners(6, 6);  // all pairs equally far: nothing to compare
  for (int64_t i = 0; i < 6; ++i) corners(i, i) = 1;
  EXPECT_THAT(reason("cka_linear_debiased", corners, normal_matrix(6, 2, 16)),
              HasSubstr("not above 0"));
  EXPECT_THAT(reason("dcor_sqr_unbiased", corners, normal_matrix(6, 2, 16)),
              HasSubstr("not above 0"));
  EXPECT_THAT(
      reason("cka_linear_feature_corrected", normal_matrix(9, 1, 17), normal_matrix(9, 2, 18)),
      HasSubstr("one feature"));
  EXPECT_THAT(reason("cka_linear_debiased_without_pcs(m=2)", normal_matrix(9, 2, 17),
                     normal_matrix(9, 5, 18)),
              HasSubstr("2 principal components are all"));
}

TEST(KernelGrid, OneBadLayerLeavesTheOthers) {
  const MetricSpec metric = parse_metric("cka_linear_debiased");
  const auto x = normal_matrix(12, 3, 19);
  const MetricSide a("a", {Matrix<float>(12, 3, 1.0F), x}, metric);
  const MetricSide b("b", {x, Matrix<float>(12, 3, 2.0F)}, metric);
  const auto grid = prepare_metric({}, metric, a.input(), b.input());
  const auto values = grid.values({});
  EXPECT_NEAR(values(1, 0), 1, 1e-12);
  EXPECT_TRUE(grid.reasons[2].empty());
  for (const auto& [i, j] : {std::pair(0, 0), std::pair(0, 1), std::pair(1, 1)}) {
    EXPECT_TRUE(std::isnan(values(i, j)));
    EXPECT_FALSE(grid.reasons[static_cast<size_t>(2 * i + j)].empty());
  }
}

/// As sigma grows the Gaussian kernel becomes the linear one; sums of entries near 1 would have
/// lost all digits here.
TEST(KernelGrid, WideGaussianKernelsBecomeLinear) {
  const auto x = normal_matrix(40, 3, 20);
  const auto y = normal_matrix(40, 5, 21);
  EXPECT_NEAR(testing::score("cka_rbf_debiased(sigma=1e6 (absolute))", x, y),
              testing::score("cka_linear_debiased", x, y), 1e-8);
  EXPECT_NEAR(testing::score("cka_rbf_biased(sigma=1e6 (absolute))", x, y),
              testing::score("cka_linear_biased", x, y), 1e-8);
}

}  // namespace
}  // namespace consilience::engine
