#include "engine/tasks/selftest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "engine/metrics/score_pair.h"
#include "engine/tasks/selftest_laws.h"
#include "engine/tasks/selftest_model.h"

namespace consilience::engine::selftest {
namespace {

using ::testing::HasSubstr;

const kernels::Context kContext;

double mean_of(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

TEST(Laws, NormalsHaveTheMomentsOfTheNormalLaw) {
  Normals draws(3, 0, "x");
  std::vector<double> first, second, fourth;
  for (int i = 0; i < 40'000; ++i) {
    const double x = draws.next();
    first.push_back(x);
    second.push_back(x * x);
    fourth.push_back(x * x * x * x);
  }
  EXPECT_NEAR(mean_of(first), 0, 0.02);  // 4 standard errors each
  EXPECT_NEAR(mean_of(second), 1, 0.03);
  EXPECT_NEAR(mean_of(fourth), 3, 0.2);
  EXPECT_NE(Normals(3, 0, "x").next(), Normals(3, 1, "x").next());
  EXPECT_NE(Normals(3, 0, "x").next(), Normals(3, 0, "y").next());
  EXPECT_EQ(Normals(3, 0, "x").next(), Normals(3, 0, "x").next());
}

/// P(|t3| > 3.182) = 0.05; of 20,000 values 4 standard errors are 0.0062.
TEST(Laws, HeavyTailsAreStudentsWithThreeDegrees) {
  const Matrix<float> x = independent_rows(Law::heavy, 200, 100, Normals(1, 0, "x"));
  double beyond = 0;
  for (const float value : x.values()) beyond += std::abs(value) > 3.182F ? 1.0 / 20'000 : 0;
  EXPECT_NEAR(beyond, 0.05, 0.0062);
}

TEST(Laws, HubsAreHubs) {
  const auto most_popular = [](Law law) {
    const Model model("m", {independent_rows(law, 256, 16, Normals(1, 0, "x"))});
    return model.input().layers[0].graph->facts.max_in_degree;
  };
  EXPECT_GT(most_popular(Law::hubs), 3 * most_popular(Law::gaussian));
}

TEST(Laws, ViewsShareTheirSamplesAndTrialsDiffer) {
  const auto score = [](Matrix<float> x, Matrix<float> y) {
    const Model a("a", {std::move(x)});
    const Model b("b", {std::move(y)});
    return prepare_metric(kContext, mutual_knn(kNeighbors), a.input(), b.input()).values({})(0, 0);
  };
  for (const View view : {View::isotropic, View::clustered, View::hubby}) {
    auto [x, y] = two_views(view, 128, 1, 0);
    auto [x1, y1] = two_views(view, 128, 1, 1);
    EXPECT_NE(x.values(), x1.values());
    EXPECT_LT(score(x, y1), score(x, y) / 1.5) << name_of(view);
  }
}

/// The masses summed by their recursion.
TEST(BinomialBounds, LeaveAtMostFiveInTenThousandOnEitherSide) {
  const auto tail = [](int trials, int from, int to) {
    double sum = 0;
    double mass = std::pow(0.95, trials);
    for (int x = 0; x <= trials; ++x) {
      if (x >= from && x <= to) sum += mass;
      mass *= (trials - x) / (x + 1.0) * (0.05 / 0.95);
    }
    return sum;
  };
  for (const int trials : {60, 100, 500, 2000}) {
    const CountBounds bounds = binomial_bounds(trials, 0.05);
    EXPECT_LE(tail(trials, 0, bounds.fewest - 1), 0.0005);
    EXPECT_GT(tail(trials, 0, bounds.fewest), 0.0005);
    EXPECT_LE(tail(trials, bounds.most + 1, trials), 0.0005);
    EXPECT_GT(tail(trials, bounds.most, trials), 0.0005);
  }
}

TEST(Rows, AreJudged) {
  CoverageRow row;
  row.coverage = 0.92;
  row.width = 1;
  row.true_width = 1;
  EXPECT_TRUE(row.good());  // not judged
  row.least = 0.93;
  row.widest = 1.6;
  EXPECT_FALSE(row.good());
  row.coverage = 0.94;
  EXPECT_TRUE(row.good());
  row.width = 1.7;
  EXPECT_FALSE(row.good());
  TypeOneRow rejected;
  rejected.fewest = 2;
  rejected.most = 9;
  rejected.rejected = 10;
  EXPECT_FALSE(rejected.good());
  const Result result{{row}, {}};
  EXPECT_FALSE(result.good());
  EXPECT_THAT(text_of(result), HasSubstr("FAILS"));
}

/// The short form of what docs/selftest.md shows.
TEST(Selftest, ShortFormHolds) {
  const Result result = run(kContext, {.brief = true});
  EXPECT_TRUE(result.good()) << text_of(result);
  ASSERT_EQ(result.coverage.size(), 12U);
  EXPECT_EQ(result.type_one.size(), 24U);
  std::map<std::string, double> width;
  for (const CoverageRow& row : result.coverage) width[row.data + " " + row.interval] = row.width;
  EXPECT_LT(width["isotropic query bootstrap"], width["isotropic half-splits(25)"]);
  EXPECT_LT(width["isotropic half-splits(25)"], width["isotropic jackknife"]);
  const Json json = json_of(result);
  EXPECT_EQ(json.at("type1").size(), 24U);
  EXPECT_TRUE(json.at("good").get<bool>());
}

TEST(Selftest, DoesNotDependOnThreads) {
  const Request request{.type_one = false, .brief = true};
  EXPECT_EQ(json_of(run({kernels::Backend::cpu, 1}, request)),
            json_of(run({kernels::Backend::cpu, 3}, request)));
}

}  // namespace
}  // namespace consilience::engine::selftest
