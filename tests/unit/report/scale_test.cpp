#include "engine/report/scale.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "engine/report/metric_words.h"
#include "engine/report/svg.h"

namespace consilience::engine {
namespace {

std::vector<std::string> texts(const Scale& scale) {
  std::vector<std::string> out;
  for (const double tick : scale.ticks()) out.push_back(tick_text(tick, scale.step));
  return out;
}

TEST(Scale, HoldsEveryValueAndZero) {
  using ::testing::ElementsAre;
  EXPECT_THAT(texts(scale_over({.02, .194})), ElementsAre("0", ".05", ".10", ".15", ".20"));
  EXPECT_THAT(texts(scale_over({-.5, .566})), ElementsAre("−.5", "0", ".5", "1.0"));
  EXPECT_THAT(texts(scale_over({-3, -1})), ElementsAre("−3", "−2", "−1", "0"));
  EXPECT_THAT(texts(scale_over({42.5})), ElementsAre("0", "10", "20", "30", "40", "50"));
  EXPECT_THAT(texts(scale_over({2500})),
              ElementsAre("0", "500", "1000.0", "1500.0", "2000.0", "2500.0"));
}

TEST(Scale, PlacesValuesInOrderAndKeepsOthersAtTheEnds) {
  const Scale scale = scale_over({-1, 1});
  EXPECT_EQ(scale.place(-1), 0);
  EXPECT_EQ(scale.place(0), .5);
  EXPECT_EQ(scale.place(1), 1);
  EXPECT_EQ(scale.place(7), 1);
  EXPECT_EQ(scale.place(-7), 0);
}

TEST(Scale, SurvivesNothingAndWhatIsNoNumber) {
  const double inf = std::numeric_limits<double>::infinity();
  for (const auto& values :
       {std::vector<double>{}, {0.0}, {std::nan(""), inf, -inf}, {1e-310}, {-1e308, 1e308}}) {
    const Scale scale = scale_over(values);
    EXPECT_LT(scale.low, scale.high);
    EXPECT_GT(scale.ticks().size(), 1U);
    EXPECT_LT(scale.ticks().size(), 12U);
  }
  EXPECT_EQ(scale_over({.3, inf}).high, scale_over({.3}).high);
}

TEST(HeatScale, IsStrongerWhereCloser) {
  const HeatScale score{0, 1, true, false}, distance{0, 1, false, false};
  EXPECT_EQ(heat_class(.99, score), "h13");
  EXPECT_EQ(heat_class(.01, score), "h0");
  EXPECT_EQ(heat_class(-5, score), "h0");
  EXPECT_EQ(heat_class(.01, distance), "h13");
  EXPECT_EQ(heat_class(.99, distance), "h0");
  EXPECT_EQ(heat_class(std::nan(""), distance), "hx");
  EXPECT_EQ(heat_class(.5, HeatScale{}), "h0");
}

TEST(HeatScale, OfATableBeginsAtZeroUnlessAllIsBelow) {
  const auto heat = [](std::vector<double> values) {
    StudyResult study;
    study.pairs.resize(1);
    auto& score = study.pairs[0].score;
    score.grid = Matrix<double>(1, static_cast<int64_t>(values.size()));
    for (size_t i = 0; i < values.size(); ++i) score.grid(0, static_cast<int64_t>(i)) = values[i];
    score.best_a = score.best_b = 0;
    score.maximum = values[0];
    return StudyView(study).tables().front().heat;
  };
  EXPECT_EQ(heat({.5, .1}).low, 0);
  EXPECT_EQ(heat({.5, .1}).high, .5);
  EXPECT_FALSE(heat({.5, .1}).cut);
  EXPECT_TRUE(heat({.5, -40}).cut);
  EXPECT_EQ(heat({.5, -40}).low, 0) << "one bad cell leaves the others apart";
  EXPECT_EQ(heat({-1, -3}).low, -3);
  EXPECT_EQ(heat({-1, -3}).high, -1);
}

TEST(MetricWords, AreThoseOfTheField) {
  EXPECT_EQ(metric_in_words("mutual_knn"), "mutual k-NN");
  EXPECT_EQ(metric_in_words("mutual_knn(k=10, n=100)"), "mutual k-NN");
  EXPECT_EQ(metric_in_words("cka_rbf_debiased"), "CKA RBF debiased");
  EXPECT_EQ(metric_in_words("dcor_sqr_unbiased"), "distance correlation squared unbiased");
  EXPECT_EQ(metric_in_words("ridge_r2_cv5"), "ridge R² 5-fold");
  EXPECT_EQ(metric_in_words("a_metric_of_tomorrow"), "a metric of tomorrow");
  EXPECT_EQ(metric_in_words(mutual_knn(7)), "mutual k-NN (k=7)");
  EXPECT_EQ(metric_in_words(MetricSpec{"nbs", {}, "raw"}), "NBS");
}

}  // namespace
}  // namespace consilience::engine
