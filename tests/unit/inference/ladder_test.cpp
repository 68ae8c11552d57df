#include "engine/inference/ladder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "engine/inference/ladder_wording.h"
#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

constexpr double kStudentOfTwo = 4.302652729749464;  // 97.5 %, for the two splits here

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

ModelSummary model(const std::string& name, const std::string& modality, const std::string& role,
                   const std::string& twin_of = "") {
  ModelSummary out;
  out.name = name;
  out.modality = modality;
  out.role = role;
  out.twin_of = twin_of;
  return out;
}

/// `halves` [2 splits]; its interval is 2 x 3 layer pairs' maximum.
PairResult pair(const std::string& a, const std::string& b, double value,
                const std::vector<double>& halves) {
  PairResult out;
  out.score.model_a = a;
  out.score.model_b = b;
  out.score.grid = Matrix<double>(2, 3);
  for (double& cell : out.score.grid.values()) cell = value / 2;
  out.score.grid(1, 2) = out.score.maximum = value;
  out.score.best_a = 1;
  out.score.best_b = 2;
  out.score.n = 1000;
  out.score.chance = .01;
  out.inference.null_mean = .015;
  out.inference.p = .005;
  out.inference.half_values = halves;
  out.inference.lo = value - .02;
  out.inference.hi = value + .02;
  return out;
}

/// v x t at .2; v's twins reach .05 and .06, t's .12; the trivial encoders .08 and .03.
StudyResult study() {
  StudyResult out;
  out.models = {model("v", "vision", "trained"),
                model("t", "text", "trained"),
                model("v-random-1", "vision", "random", "v"),
                model("v-random-2", "vision", "random", "v"),
                model("t-random-1", "text", "random", "t"),
                model("colours", "vision", "trivial"),
                model("words", "text", "trivial")};
  out.pairs = {pair("v", "t", .2, {.20, .22, .21, .19}),
               pair("v-random-1", "t", .05, {.05, .05, .05, .05}),
               pair("v-random-2", "t", .06, {.06, .06, .06, .06}),
               pair("v", "t-random-1", .12, {.12, .13, .11, .13}),
               pair("v", "words", .08, {.08, .08, .08, .08}),
               pair("colours", "t", .03, {.03, .03, .03, .03})};
  out.pairs[0].inference.class_null_mean = .15;
  out.pairs[0].inference.class_p = .005;
  return out;
}

TEST(Ladder, HasEveryRungInItsOrder) {
  const StudyResult s = study();
  const Ladder ladder = make_ladder(s, s.pairs[0]);
  std::vector<std::string> keys;
  for (const auto& each : ladder.rungs) {
    keys.push_back(each.key);
    EXPECT_EQ(each.missing, "") << each.key;
  }
  EXPECT_THAT(
      keys, ::testing::ElementsAre("chance", "selection", "trivial", "random", "classes", "score"));
  EXPECT_EQ(rung(ladder, "chance").value, .01);
  EXPECT_EQ(rung(ladder, "selection").value, .015);
  EXPECT_EQ(rung(ladder, "selection").name, "choosing the best of 6 layer pairs");
  EXPECT_EQ(rung(ladder, "trivial").value, .08);
  EXPECT_EQ(rung(ladder, "trivial").from, "v x words");
  EXPECT_EQ(rung(ladder, "random").value, .12);
  EXPECT_EQ(rung(ladder, "random").from, "v x t-random-1");
  EXPECT_EQ(rung(ladder, "classes").value, .15);
  EXPECT_EQ(rung(ladder, "score").value, .2);
  EXPECT_EQ(rung(ladder, "score").lo, .2 - .02);
  EXPECT_NEAR(ladder.instances, .05, 1e-15);
  EXPECT_EQ(ladder.highest, "random") << "classes are no baseline";
  EXPECT_EQ(ladder.twins, 1) << "t has one, v has two";
}

TEST(Ladder, TheIntervalIsThatOfTheHalfWiseDifferences) {
  const StudyResult s = study();
  const Ladder ladder = make_ladder(s, s.pairs[0]);
  // Differences .08 .09 | .10 .06, so sd = sqrt((.01^2 + .04^2) / 4 / 2).
  const double margin = kStudentOfTwo * std::sqrt((.01 * .01 + .04 * .04) / 8);
  EXPECT_NEAR(ladder.excess, .08, 1e-15);
  EXPECT_NEAR(ladder.excess_lo, .08 - margin, 1e-12);
  EXPECT_NEAR(ladder.excess_hi, .08 + margin, 1e-12);
  EXPECT_EQ(ladder.wording,
            "0.200 [0.180, 0.220] is 0.080 [0.017, 0.143] above the highest baseline, random "
            "weights (0.120). Independence is rejected at p = 0.005, which random weights also "
            "achieve (p = 0.005). Agreement on classes alone gives 0.150, 73 % of what lies beyond "
            "shuffled rows; 0.050 is left for instances. One random-weights twin a side: not to be "
            "quoted before there are 5.");
}

TEST(Ladder, AConstantBaselineLeavesTheScoresOwnInterval) {
  StudyResult s = study();
  s.pairs.resize(1);
  const Ladder ladder = make_ladder(s, s.pairs[0]);
  EXPECT_EQ(ladder.highest, "selection");
  EXPECT_NEAR(ladder.excess, .185, 1e-15);
  EXPECT_NEAR(ladder.excess_lo, .165, 1e-12);
  EXPECT_NEAR(ladder.excess_hi, .205, 1e-12);
  EXPECT_THAT(ladder.wording, HasSubstr("does not say what training adds"));
}

TEST(Ladder, SaysWhatWouldGiveAMissingRung) {
  StudyResult s = study();
  s.pairs.resize(1);
  s.pairs[0].score.chance = s.pairs[0].inference.null_mean = kUnknown;
  s.pairs[0].inference.class_null_mean = kUnknown;
  const Ladder ladder = make_ladder(s, s.pairs[0], {.random = "give --random-a FILE"});
  EXPECT_EQ(rung(ladder, "chance").missing, "no exact chance level is known for this metric");
  EXPECT_EQ(rung(ladder, "selection").missing, "no rows were shuffled: set permutations = 200");
  EXPECT_EQ(rung(ladder, "random").missing,
            "no random-weights twin was compared: give --random-a FILE");
  EXPECT_THAT(rung(ladder, "trivial").missing, HasSubstr("add a trivial encoder"));
  EXPECT_THAT(rung(ladder, "classes").missing, HasSubstr("no class ids: name the field"));
  EXPECT_EQ(ladder.highest, "");
  EXPECT_TRUE(std::isnan(ladder.excess));
  EXPECT_EQ(ladder.excess_missing, "no baseline has a value");
  EXPECT_THAT(ladder.wording, HasSubstr("0.200 [0.180, 0.220] has no baseline"));
}

TEST(Ladder, AClassReasonIsTold) {
  StudyResult s = study();
  s.pairs[0].inference.class_null_mean = kUnknown;
  s.pairs[0].inference.class_reason = "every class has one row";
  EXPECT_EQ(rung(make_ladder(s, s.pairs[0]), "classes").missing, "every class has one row");
}

TEST(Ladder, WithoutHalvesThereIsAnExcessAndNoInterval) {
  StudyResult s = study();
  s.pairs[3].inference.half_values.clear();
  s.pairs[3].inference.interval_reason = "n is too small to halve";
  const Ladder ladder = make_ladder(s, s.pairs[0]);
  EXPECT_NEAR(ladder.excess, .08, 1e-15);
  EXPECT_TRUE(std::isnan(ladder.excess_lo) && std::isnan(ladder.excess_hi));
  EXPECT_EQ(ladder.excess_missing, "v x t-random-1: n is too small to halve");
  EXPECT_THAT(ladder.wording, HasSubstr("is 0.080 above the highest baseline, random weights "
                                        "(0.120); the difference has no interval: v x t-random-1"));
}

TEST(Ladder, HalvesOfOtherSplitsGiveNoInterval) {
  StudyResult s = study();
  s.pairs[3].inference.half_values.resize(2);
  EXPECT_EQ(make_ladder(s, s.pairs[0]).excess_missing,
            "4 and 2 half values are not of the same splits");
  s.pairs[3].inference.half_values = {.1, kUnknown, .1, .1};
  const Ladder ladder = make_ladder(s, s.pairs[0]);
  EXPECT_EQ(ladder.excess_missing, "a half has no value");
  EXPECT_TRUE(std::isnan(ladder.excess_hi));
}

TEST(Ladder, AnIntervalThatIncludesZeroIsNoDifference) {
  StudyResult s = study();
  s.pairs[3] = pair("v", "t-random-1", .19, {.12, .25, .25, .13});
  const Ladder ladder = make_ladder(s, s.pairs[0]);
  EXPECT_LT(ladder.excess_lo, 0);
  EXPECT_THAT(ladder.wording, HasSubstr("is not told apart from the highest baseline, random "
                                        "weights (0.190): the difference, 0.010 ["));
}

TEST(Ladder, ABaselineAboveTheScoreIsSaidSo) {
  StudyResult s = study();
  s.pairs[4] = pair("v", "words", .3, {.30, .32, .31, .29});
  const Ladder ladder = make_ladder(s, s.pairs[0]);
  EXPECT_EQ(ladder.highest, "trivial");
  EXPECT_NEAR(ladder.excess, -.1, 1e-12);
  EXPECT_THAT(ladder.wording, HasSubstr("0.200 [0.180, 0.220] is 0.100 [0.100, 0.100] below the "
                                        "highest baseline, a trivial encoder (0.300)"));
}

TEST(Ladder, ADistanceIsMirrored) {
  StudyResult s = study();
  for (auto& each : s.pairs) {
    each.score.larger_is_closer = false;
    each.score.maximum = 1 - each.score.maximum;
    each.inference.null_mean = .985;
    for (double& half : each.inference.half_values) half = 1 - half;
    each.inference.lo = each.score.maximum - .02;
    each.inference.hi = each.score.maximum + .02;
  }
  s.pairs[0].inference.class_null_mean = .85;
  const Ladder ladder = make_ladder(s, s.pairs[0]);
  EXPECT_EQ(ladder.highest, "random");
  EXPECT_NEAR(rung(ladder, "random").value, .88, 1e-12);
  EXPECT_NEAR(ladder.excess, .08, 1e-12);
  EXPECT_NEAR(ladder.instances, .05, 1e-12);
  const double margin = kStudentOfTwo * std::sqrt((.01 * .01 + .04 * .04) / 8);
  EXPECT_NEAR(ladder.excess_lo, .08 - margin, 1e-12);
  EXPECT_THAT(ladder.wording,
              AllOf(HasSubstr("0.800 [0.780, 0.820] is 0.080 [0.017, 0.143] below the smallest "
                              "baseline, random weights (0.880)"),
                    HasSubstr("gives 0.850, 73 % of what lies beyond")));
}

TEST(Ladder, BothSidesMayBeTrivial) {
  StudyResult s = study();
  s.pairs.push_back(pair("colours", "words", .13, {.13, .13, .13, .13}));
  const Ladder ladder = make_ladder(s, s.pairs[0]);
  EXPECT_EQ(rung(ladder, "trivial").from, "colours x words");
  EXPECT_EQ(ladder.highest, "trivial");
}

TEST(Ladder, ATrivialEncoderStandsInForItsOwnModalityOnly) {
  StudyResult s = study();
  s.pairs.push_back(pair("v", "colours", .9, {.9, .9, .9, .9}));
  EXPECT_EQ(rung(make_ladder(s, s.pairs[0]), "trivial").value, .08);
}

TEST(Ladder, OtherMetricsAndConditioningsAreNoBaselines) {
  StudyResult s = study();
  s.pairs.push_back(pair("v", "t-random-1", .9, {.9, .9, .9, .9}));
  s.pairs.back().score.metric = mutual_knn(20);
  s.pairs.push_back(pair("v", "t-random-1", .9, {.9, .9, .9, .9}));
  s.pairs.back().score.conditioning = "centred";
  EXPECT_EQ(rung(make_ladder(s, s.pairs[0]), "random").value, .12);
}

TEST(Ladder, APairStoredTheOtherWayRoundCountsInTheOtherDirection) {
  StudyResult s = study();
  for (auto& each : s.pairs) each.score.metric = {"ridge_r2_cv5", {{"direction", "x->y"}}, "raw"};
  auto turned = pair("t", "v-random-1", .14, {.14, .14, .14, .14});
  turned.score.metric = {"ridge_r2_cv5", {{"direction", "x->y"}}, "raw"};
  s.pairs.push_back(turned);
  EXPECT_EQ(rung(make_ladder(s, s.pairs[0]), "random").value, .12) << "t predicts the twin";
  s.pairs.back().score.metric.params["direction"] = "y->x";
  EXPECT_EQ(rung(make_ladder(s, s.pairs[0]), "random").value, .14);
}

TEST(Ladder, FiveTwinsASideMayBeQuoted) {
  StudyResult s = study();
  for (int i = 3; i <= 5; ++i) {
    s.models.push_back(model("v-random-" + std::to_string(i), "vision", "random", "v"));
    s.pairs.push_back(pair(s.models.back().name, "t", .05, {.05, .05, .05, .05}));
  }
  for (int i = 2; i <= 5; ++i) {
    EXPECT_THAT(make_ladder(s, s.pairs[0]).wording, HasSubstr("not to be quoted"));
    s.models.push_back(model("t-random-" + std::to_string(i), "text", "random", "t"));
    s.pairs.push_back(pair("v", s.models.back().name, .05, {.05, .05, .05, .05}));
  }
  const Ladder ladder = make_ladder(s, s.pairs[0]);
  EXPECT_EQ(ladder.twins, 5);
  EXPECT_THAT(ladder.wording, Not(HasSubstr("quoted")));
}

TEST(Ladder, OneSidedTwinsAreSaidSo) {
  StudyResult s = study();
  s.pairs.erase(s.pairs.begin() + 3);
  EXPECT_THAT(make_ladder(s, s.pairs[0]).wording,
              HasSubstr("Only one side has random-weights twins: not to be quoted"));
}

TEST(Ladder, NothingButAPair) {
  StudyResult s;
  s.pairs = {pair("a.npy", "a.npy", 1.0, {})};
  s.pairs[0].inference = {};
  s.pairs[0].score.grid = Matrix<double>(1, 1);
  s.pairs[0].inference.null_mean = .01;
  s.pairs[0].inference.interval_reason = "n = 4 is too few";
  const Ladder ladder = make_ladder(s, s.pairs[0]);
  EXPECT_EQ(rung(ladder, "selection").name, "shuffled rows, one layer pair");
  EXPECT_EQ(ladder.excess_missing, "n = 4 is too few");
  EXPECT_THAT(ladder.wording, HasSubstr("1.000 is 0.990 above the highest baseline, shuffled rows, "
                                        "one layer pair (0.010); the difference has no interval"));
}

TEST(Ladder, AnUndefinedScoreIsToldWithItsReason) {
  StudyResult s = study();
  s.pairs[0].score.best_a = s.pairs[0].score.best_b = -1;
  s.pairs[0].score.maximum = kUnknown;
  s.pairs[0].score.reason = "k = 10 needs more than 8 rows";
  const Ladder ladder = make_ladder(s, s.pairs[0]);
  EXPECT_EQ(ladder.wording, "There is no score: k = 10 needs more than 8 rows.");
  EXPECT_EQ(ladder.excess_missing, "k = 10 needs more than 8 rows");
  EXPECT_TRUE(std::isnan(ladder.excess) && std::isnan(ladder.instances));
}

TEST(Ladder, IndependenceAndClassesInWords) {
  StudyResult s = study();
  auto& inference = s.pairs[0].inference;
  s.pairs[3].inference.p = .31;
  inference.p_fwer = .009;
  EXPECT_THAT(make_ladder(s, s.pairs[0]).wording,
              HasSubstr("rejected at p = 0.005 (0.009 over all pairs); with random weights it is "
                        "not (p = 0.31)."));
  inference.p_fwer = .2;
  EXPECT_THAT(make_ladder(s, s.pairs[0]).wording,
              HasSubstr("p = 0.005 for this pair alone (not over all pairs, 0.2);"));
  inference.p = .4;
  inference.class_p = .3;
  EXPECT_THAT(make_ladder(s, s.pairs[0]).wording,
              AllOf(HasSubstr("Independence of the two sides is not rejected (p = 0.4)."),
                    HasSubstr("(p = 0.3): nothing is seen beyond classes.")));
  inference.class_null_mean = .21;
  EXPECT_THAT(make_ladder(s, s.pairs[0]).wording, HasSubstr("nothing is left for instances."));
}

TEST(Ladder, NeverCallsAnythingConvergence) {
  StudyResult s = study();
  for (const double p : {.005, .4}) {
    s.pairs[0].inference.p = p;
    EXPECT_THAT(make_ladder(s, s.pairs[0]).wording,
                AllOf(Not(HasSubstr("converge")), Not(HasSubstr("significan"))));
  }
}

TEST(Ladder, AnUnknownRungIsAnError) { EXPECT_THROW((void)rung(Ladder{}, "score"), Error); }

}  // namespace
}  // namespace consilience::engine
