#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "kernels/base/error.h"
#include "tests/support/metric_sides.h"
#include "tests/support/one_space_reference.h"
#include "tests/support/random_matrix.h"

namespace consilience::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::vector<std::string> kKinds = {"twonn_mle",         "twonn_fit",
                                         "effective_rank",    "rankme",
                                         "stable_rank",       "effective_rank_covariance",
                                         "mean_cosine",       "participation_ratio",
                                         "uniformity",        "alpha_req(ranks=1..2)",
                                         "hubness_skew(k=2)", "hubness_max(k=2)",
                                         "exact_duplicates",  "near_duplicates"};

struct Answer {
  double value;
  std::string reason;
  std::vector<std::string> remarks;
};

Answer answer(const std::string& text, const Matrix<float>& x) {
  const auto metric = engine::parse_metric(text);
  const MetricSide side("a", {x}, metric);
  const engine::ModelInput none{
      .model = "none", .rows = x.rows(), .layers = {}, .classes = {}, .groups = {}};
  const auto grid = engine::prepare_metric({}, metric, side.input(), none);
  return {grid.values({})(0, 0), grid.reasons[0], grid.remarks};
}

void expect_undefined(const Answer& found, const std::string& because) {
  EXPECT_TRUE(std::isnan(found.value)) << found.value;
  EXPECT_THAT(found.reason, HasSubstr(because));
}

TEST(OneSpaceEdges, ConstantLayersAreUndefined) {
  for (const auto& metric : kKinds) {
    SCOPED_TRACE(metric);
    expect_undefined(answer(metric, Matrix<float>(12, 3, 0.1F)), "constant layer");
  }
}

TEST(OneSpaceEdges, FourRows) {
  for (const auto& metric : kKinds) {
    SCOPED_TRACE(metric);
    const Answer found = answer(metric, normal_matrix(4, 3, 1));
    EXPECT_TRUE(std::isfinite(found.value)) << found.reason;
  }
  expect_undefined(answer("hubness_max(k=4)", normal_matrix(4, 3, 1)), "k = 4");
  expect_undefined(answer("twonn_mle", normal_matrix(2, 3, 1)), "k = 2");
}

TEST(OneSpaceEdges, ScalesFromTinyToHuge) {
  const Matrix<float> x = normal_matrix(40, 4, 1);
  for (const double factor : {1e-9, 1e9})
    for (const auto& metric : kKinds) {
      SCOPED_TRACE(fmt::format("{} times {}", metric, factor));
      Matrix<float> scaled = x;
      for (float& value : scaled.values()) value = static_cast<float>(value * factor);
      EXPECT_NEAR(answer(metric, scaled).value, answer(metric, x).value, 1e-5);
    }
}

TEST(OneSpaceEdges, DuplicatesAreLeftOutOfTwoNnAndCounted) {
  Matrix<float> x = normal_matrix(30, 3, 1);
  std::ranges::copy(x.row(3), x.row(20).begin());
  std::ranges::copy(x.row(3), x.row(21).begin());
  const Answer mle = answer("twonn_mle", x);
  EXPECT_NEAR(mle.value, reference::twonn_mle(widened(x)), 1e-10);
  EXPECT_THAT(mle.remarks,
              ElementsAre("a block_0/mean: 3 of 30 rows equal another one and are left out"));
  EXPECT_NEAR(answer("twonn_fit", x).value, reference::twonn_fit(widened(x), 0.9), 1e-10);
  EXPECT_DOUBLE_EQ(answer("exact_duplicates", x).value, 2.0 / 30);
  EXPECT_DOUBLE_EQ(answer("near_duplicates(cosine=1)", x).value, 3.0 / 30);
  EXPECT_THAT(answer("twonn_mle", normal_matrix(30, 3, 1)).remarks, IsEmpty());
  EXPECT_EQ(answer("exact_duplicates", normal_matrix(30, 3, 1)).value, 0);
}

TEST(OneSpaceEdges, TwoNnOfNothingButDuplicatesOrTies) {
  Matrix<float> pairs(8, 2);
  for (int64_t i = 0; i < 8; ++i) pairs(i, 0) = static_cast<float>(i / 2);
  expect_undefined(answer("twonn_mle", pairs), "8 of 8 rows equal another one");
  Matrix<float> square(4, 2);  // every row has two neighbours at distance 1
  square(1, 0) = square(2, 1) = square(3, 0) = square(3, 1) = 1;
  expect_undefined(answer("twonn_mle", square), "equally far");
  expect_undefined(answer("twonn_fit", square), "equally far");
}

TEST(OneSpaceEdges, NearDuplicatesGoByTheCosineWhateverThePreprocessing) {
  Matrix<float> x(4, 2);
  x(0, 0) = 1;
  x(1, 0) = 5, x(1, 1) = 0.05F;  // cosine 0.99995 to row 0, another length
  x(2, 1) = 1;
  x(3, 1) = -3;
  EXPECT_DOUBLE_EQ(answer("near_duplicates", x).value, 0.5);
  EXPECT_DOUBLE_EQ(answer("near_duplicates(cosine=0.9999999)", x).value, 0);
  EXPECT_DOUBLE_EQ(answer("near_duplicates(preprocess=conditioned)", x).value, 0.5);
}

TEST(OneSpaceEdges, AZeroRowHasNoDirection) {
  Matrix<float> x = normal_matrix(600, 3, 1);
  for (float& value : x.row(555)) value = 0;
  expect_undefined(answer("mean_cosine", x), "row 555 is zero");
  expect_undefined(answer("uniformity", x), "row 555 is zero");
  expect_undefined(answer("near_duplicates", x), "zero");
  EXPECT_THAT(answer("effective_rank", x).reason, IsEmpty());
}

TEST(OneSpaceEdges, AlphaReqNeedsAsManyDirectionsAsRanks) {
  const Matrix<float> x = normal_matrix(40, 6, 1);
  EXPECT_THAT(answer("alpha_req(ranks=1..6)", x).reason, IsEmpty());
  expect_undefined(answer("alpha_req(ranks=1..7)", x), "need 7 directions with variance; 6 have");
  Matrix<float> repeated(40, 7);
  for (int64_t i = 0; i < 40; ++i) {
    std::ranges::copy(x.row(i), repeated.row(i).begin());
    repeated(i, 6) = x(i, 0);
  }
  expect_undefined(answer("alpha_req(ranks=1..7)", repeated), "6 have");
  expect_undefined(answer("alpha_req(ranks=1..6)", normal_matrix(6, 40, 1)), "5 have");
}

TEST(OneSpaceEdges, EqualInDegreesHaveNoSkew) {
  Matrix<float> square(4, 2);
  square(0, 0) = square(1, 0) = 1;
  square(1, 1) = 0.01F;
  square(2, 1) = 1;
  square(3, 1) = 1;
  square(3, 0) = -0.01F;
  expect_undefined(answer("hubness_skew(k=1)", square), "equally often");
  EXPECT_DOUBLE_EQ(answer("hubness_max(k=1)", square).value, 1.0 / 3);
}

TEST(OneSpaceEdges, WideLayersHaveAtMostTheirRowsAsRank) {
  const Matrix<float> x = normal_matrix(6, 40, 1);
  EXPECT_LE(answer("effective_rank", x).value, 5 + 1e-9);
  EXPECT_LE(answer("participation_ratio", x).value, 5 + 1e-9);
  EXPECT_LE(answer("effective_rank_covariance(epsilon=0)", x).value, 5 + 1e-9);
}

TEST(OneSpaceEdges, StandardisingIsDoneOrRefused) {
  const Matrix<float> x = normal_matrix(30, 4, 1);
  for (const char* metric : {"twonn_mle", "twonn_fit", "hubness_skew", "hubness_max", "uniformity",
                             "mean_cosine", "exact_duplicates", "near_duplicates"})
    expect_undefined(answer(fmt::format("{}(preprocess=standardise)", metric), x),
                     "has no preprocess=standardise");
  EXPECT_THAT(answer("effective_rank(preprocess=standardise)", x).reason, IsEmpty());
}

TEST(OneSpaceEdges, ParametersAreChecked) {
  for (const char* text :
       {"alpha_req(ranks=1)", "alpha_req(ranks=5..5)", "alpha_req(ranks=0..4)",
        "alpha_req(ranks=1..4x)", "alpha_req(ranks=1.4)", "twonn_fit(kept=0)", "uniformity(t=0)",
        "near_duplicates(similarity=euclidean)", "rankme(of=z)"})
    EXPECT_THROW((void)engine::parse_metric(text), Error) << text;
  EXPECT_EQ(engine::parse_metric("rankme").word("epsilon"), "1e-07");
  EXPECT_EQ(engine::parse_metric("rankme(epsilon=1e-7)"), engine::parse_metric("rankme"));
  EXPECT_EQ(engine::parse_metric("alpha_req(ranks=3..12)").word("ranks"), "3..12");
}

}  // namespace
}  // namespace consilience::testing
