#include "engine/types/metric_spec.h"

#include <gtest/gtest.h>

namespace consilience::engine {
namespace {

MetricSpec spec(const std::string& name, std::map<std::string, std::string> params) {
  return {name, std::move(params), "raw"};
}

TEST(MetricSpec, FromTheOtherSide) {
  EXPECT_EQ(from_other_side(spec("ridge_r2_cv5", {{"alpha", "1"}, {"direction", "x->y"}})),
            spec("ridge_r2_cv5", {{"alpha", "1"}, {"direction", "y->x"}}));
  EXPECT_EQ(from_other_side(spec("pwcca", {{"weights", "y"}})), spec("pwcca", {{"weights", "x"}}));
  EXPECT_EQ(from_other_side(spec("cycle_knn", {{"A", "x"}, {"B", "y"}, {"k", "10"}})),
            spec("cycle_knn", {{"A", "y"}, {"B", "x"}, {"k", "10"}}));
}

TEST(MetricSpec, ASymmetricMetricIsTheSameFromBothSides) {
  EXPECT_EQ(from_other_side(mutual_knn(5)), mutual_knn(5));
  EXPECT_EQ(from_other_side(spec("alpha_req", {{"weights", "1/rank"}})),
            spec("alpha_req", {{"weights", "1/rank"}}));
}

}  // namespace
}  // namespace consilience::engine
