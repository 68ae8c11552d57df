#include "engine/curves/build_curves.h"

#include <gtest/gtest.h>

#include <cmath>

#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

ModelSummary model(const std::string& name, const std::string& family, double parameters,
                   const std::string& role = "trained", const std::string& twin_of = "") {
  ModelSummary summary;
  summary.name = name;
  summary.family = family;
  summary.parameters = parameters;
  summary.role = role;
  summary.twin_of = twin_of;
  return summary;
}

PairResult pair(const std::string& a, const std::string& b, double value) {
  PairResult result;
  result.score.model_a = a;
  result.score.model_b = b;
  result.score.maximum = value;
  if (!std::isnan(value)) result.score.best_a = result.score.best_b = 0;
  result.inference.lo = value - 0.1;
  result.inference.hi = value + 0.1;
  result.inference.null_mean = 0.02;
  return result;
}

const std::vector<ModelSummary> kModels = {
    model("big", "net", 30),
    model("small", "net", 10),
    model("words", "lm", 50),
    model("unsized", "net", 0),
    model("big-r1", "net", 30, "random", "big"),
    model("words-r1", "lm", 50, "random", "words"),
    model("histogram", "", 0, "trivial"),
};
const std::vector<PairResult> kPairs = {
    pair("big", "words", 0.4),       pair("small", "words", 0.3),   pair("unsized", "words", 0.2),
    pair("big", "words-r1", 0.05),   pair("big-r1", "words", 0.07), pair("small", "words-r1", 0.04),
    pair("histogram", "words", 0.1),
};

TEST(BuildCurves, FamiliesAgainstPartnersAscendingWithNullAndTwins) {
  const auto curves = build_curves(kModels, kPairs, "params");
  ASSERT_EQ(curves.size(), 4U);  // net to words; lm to big, small and unsized
  EXPECT_EQ(curves[0].family, "net");
  EXPECT_EQ(curves[0].partner, "words");
  EXPECT_EQ(curves[0].x_name, "params");
  ASSERT_EQ(curves[0].points.size(), 2U);  // the model without a size has no place
  const CurvePoint& first = curves[0].points[0];
  EXPECT_EQ(first.model, "small");
  EXPECT_EQ(first.partner, "words");
  EXPECT_EQ(first.x, 10);
  EXPECT_EQ(first.value, 0.3);
  EXPECT_EQ(first.lo, 0.3 - 0.1);
  EXPECT_EQ(first.hi, 0.3 + 0.1);
  EXPECT_EQ(first.null_mean, 0.02);
  EXPECT_EQ(first.random_twin, 0.04);
  EXPECT_EQ(curves[0].points[1].model, "big");
  EXPECT_EQ(curves[0].points[1].random_twin, 0.07);
}

TEST(BuildCurves, ThePartnersFamilyHasItsCurvesToo) {
  const auto curves = build_curves(kModels, kPairs, "params");
  EXPECT_EQ(curves[1].family, "lm");
  EXPECT_EQ(curves[1].partner, "big");
  EXPECT_EQ(curves[2].partner, "small");
  EXPECT_EQ(curves[2].points[0].model, "words");
  EXPECT_EQ(curves[2].points[0].x, 50);
}

TEST(BuildCurves, PairsWithoutAMaximumAreLeftOut) {
  auto pairs = kPairs;
  pairs[0] = pair("big", "words", std::nan(""));
  const auto curves = build_curves(kModels, pairs, "params");
  ASSERT_EQ(curves.size(), 3U);
  EXPECT_EQ(curves[0].points.size(), 1U);
  EXPECT_EQ(curves[1].partner, "small");
}

TEST(BuildCurves, WithoutTwinsTheBaselineIsNan) {
  const std::vector<PairResult> pairs = {pair("big", "words", 0.4)};
  EXPECT_TRUE(std::isnan(build_curves(kModels, pairs, "params")[0].points[0].random_twin));
  EXPECT_TRUE(build_curves(kModels, {}, "params").empty());
}

TEST(BuildCurves, AnyNumberMayBeX) {
  const auto curves = build_curves(kModels, kPairs, "step", {{"unsized", 3}});
  ASSERT_EQ(curves.size(), 1U);
  EXPECT_EQ(curves[0].points[0].model, "unsized");
  EXPECT_EQ(curves[0].points[0].x, 3);
  EXPECT_THROW((void)build_curves(kModels, kPairs, "step"), Error);
}

}  // namespace
}  // namespace consilience::engine
