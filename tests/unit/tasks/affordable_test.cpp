#include "engine/tasks/affordable.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace consilience::engine {
namespace {

using ::testing::HasSubstr;

TEST(Affordable, ListsAreCheap) {
  const Affordable may = affordable(metric_info("mutual_knn"), 1000, 200, false, false);
  EXPECT_EQ(may.permutations, 200u);
  EXPECT_TRUE(may.interval);
}

TEST(Affordable, DecompositionsGetFewPermutationsAndNoneOverManyLayers) {
  const MetricInfo& metric = metric_info("procrustes_angular");
  EXPECT_EQ(affordable(metric, 16, 200, false).permutations, 39u);
  EXPECT_TRUE(affordable(metric, 16, 200, false).interval);
  EXPECT_EQ(affordable(metric, 16, 10, false).permutations, 10u);
  const Affordable many = affordable(metric, 17, 200, false);
  EXPECT_EQ(many.permutations, 0u);
  EXPECT_FALSE(many.interval);
  EXPECT_THAT(many.reason, HasSubstr("17 layer pairs"));
  EXPECT_EQ(affordable(metric, 17, 200, true).permutations, 200u);
  EXPECT_TRUE(affordable(metric, 17, 200, true).interval);
}

TEST(Affordable, BesideAHeadlineFeaturesAreNotReadAgainForEveryHalfOfManyLayers) {
  const MetricInfo& metric = metric_info("cka_linear_debiased");
  EXPECT_TRUE(affordable(metric, 17, 200, false, true).interval);
  EXPECT_TRUE(affordable(metric, 16, 200, false, false).interval);
  const Affordable beside = affordable(metric, 17, 200, false, false);
  EXPECT_FALSE(beside.interval);
  EXPECT_EQ(beside.permutations, 200u);
  EXPECT_THAT(beside.reason, HasSubstr("--costly"));
}

TEST(Affordable, TheFirstOfSome) {
  const Relabellings all = {{0, 1}, {1, 0}, {0, 1}};
  EXPECT_EQ(first_of(all, 2).size(), 2u);
  EXPECT_EQ(first_of(all, 9).size(), 3u);
  EXPECT_EQ(first_of(all, 2).data(), all.data());
}

}  // namespace
}  // namespace consilience::engine
