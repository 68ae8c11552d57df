#include "engine/tasks/compare_views.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "engine/metrics/metric.h"
#include "engine/metrics/named_metrics.h"
#include "kernels/base/error.h"
#include "tests/support/memory_features.h"
#include "tests/support/random_matrix.h"

namespace consilience::engine {
namespace {

using testing::Draws;
using ::testing::HasSubstr;
using testing::MemoryFeatures;

constexpr int64_t kRows = 60;
const kernels::Context kContext{kernels::Backend::cpu, 2};

/// `layers` noisy views of one hidden space.
MemoryFeatures views(uint64_t seed, int layers, double noise) {
  Draws hidden(99), own(seed);
  Matrix<double> z(kRows, 4);
  for (double& value : z.values()) value = hidden.normal();
  std::vector<Matrix<float>> out;
  for (int l = 0; l < layers; ++l) {
    Matrix<float> x(kRows, 4);
    for (size_t i = 0; i < x.values().size(); ++i)
      x.values()[i] = static_cast<float>(z.values()[i] + noise * own.normal());
    out.push_back(std::move(x));
  }
  return MemoryFeatures(std::move(out));
}

CompareRequest request(std::vector<MetricSpec> metrics) {
  CompareRequest out;
  out.metrics = std::move(metrics);
  out.permutations = 19;
  out.splits = 3;
  return out;
}

TEST(CompareViews, EveryUsualMetricHasAValueNullAndInterval) {
  const MemoryFeatures a = views(1, 1, 0.4);
  const MemoryFeatures b = views(2, 1, 0.4);
  const StudyResult result =
      compare_views(kContext, {"a", &a}, {"b", &b}, request(usual_metrics()));
  ASSERT_EQ(result.pairs.size(), usual_metrics().size());
  for (const auto& [score, inference] : result.pairs) {
    SCOPED_TRACE(metric_text(score.metric));
    if (score.metric.name == "svcca_rank") continue;  // rank 10 of 4 columns: a reason
    EXPECT_EQ(score.reason, "");
    EXPECT_LE(inference.p, 2.0 / 20);  // cycle_knn is near its largest value under the null too
    EXPECT_LT(inference.lo, score.maximum);
    EXPECT_GT(inference.hi, score.maximum);
  }
  ASSERT_EQ(result.ladders.size(), 1u);
}

TEST(CompareViews, BaselinesJoinTheLadderUnderTheHeadline) {
  const MemoryFeatures a = views(1, 2, 0.4);
  const MemoryFeatures b = views(2, 2, 0.4);
  const MemoryFeatures noise = views(3, 1, 100);
  CompareRequest asked = request({mutual_knn(5)});
  asked.baselines_a = {{"untrained", &noise, "random"}};
  asked.baselines_b = {{"words", &noise, "trivial"}};
  for (int32_t i = 0; i < kRows; ++i) asked.labels.classes.push_back(i % 3);
  const StudyResult result = compare_views(kContext, {"a", &a}, {"b", &b}, asked);
  EXPECT_EQ(result.pairs.size(), 3u);
  for (const auto& rung : result.ladders.at(0).rungs) {
    EXPECT_EQ(rung.missing, "") << rung.key;
    EXPECT_FALSE(std::isnan(rung.value)) << rung.key;
  }
  EXPECT_GT(result.ladders[0].excess_lo, 0);
}

TEST(CompareViews, CostlyMetricsOfManyLayersAreScoredWithoutNull) {
  const MemoryFeatures a = views(1, 5, 0.4);
  const MemoryFeatures b = views(2, 4, 0.4);
  CompareRequest asked = request({parse_metric("procrustes_angular")});
  const PairResult brief = compare_views(kContext, {"a", &a}, {"b", &b}, asked).pairs[0];
  EXPECT_FALSE(std::isnan(brief.score.maximum));
  EXPECT_TRUE(brief.inference.null_maxima.empty());
  EXPECT_THAT(brief.inference.interval_reason, HasSubstr("20 layer pairs"));
  asked.costly = true;
  const PairResult full = compare_views(kContext, {"a", &a}, {"b", &b}, asked).pairs[0];
  EXPECT_EQ(full.inference.null_maxima.size(), 19u);
  EXPECT_EQ(full.inference.p, 1.0 / 20);
  EXPECT_GT(full.inference.null_mean, full.score.maximum);  // a distance
}

TEST(CompareViews, RefusesOtherRowsAndTooLargeAK) {
  const MemoryFeatures a = views(1, 1, 0.4);
  const MemoryFeatures few({Matrix<float>(7, 2, 1.0f)});
  EXPECT_THROW((void)compare_views(kContext, {"a", &a}, {"b", &few}, request({mutual_knn(5)})),
               Error);
  EXPECT_THROW((void)compare_views(kContext, {"a", &a}, {"b", &a}, request({mutual_knn(60)})),
               Error);
}

TEST(CompareViews, TheCloserOfTwoIsFound) {
  const MemoryFeatures near = views(1, 2, 0.2);
  const MemoryFeatures far = views(2, 2, 2.0);
  const MemoryFeatures to = views(3, 2, 0.2);
  CompareRequest asked = request({mutual_knn(3)});
  asked.splits = 25;
  const PairedComparison out =
      compare_paired(kContext, {"near", &near}, {"far", &far}, {"to", &to}, asked);
  EXPECT_EQ(out.reason, "");
  EXPECT_GT(out.lo, 0);
  EXPECT_LT(out.p, 0.05);
}

}  // namespace
}  // namespace consilience::engine
