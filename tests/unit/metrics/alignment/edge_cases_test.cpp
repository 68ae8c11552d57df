#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "kernels/base/error.h"
#include "tests/support/alignment_reference.h"
#include "tests/support/metric_sides.h"
#include "tests/support/random_matrix.h"

namespace consilience::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::vector<std::string> kCcaKinds = {"cca_mean", "pwcca(weights=x)", "pwcca(weights=y)",
                                            "pwcca_sample_l1(weights=x)"};
const std::vector<std::string> kProcrustes = {
    "procrustes_distance", "procrustes_distance_normalised", "procrustes_angular", "nbs",
    "shape_metric(alpha=0.5)"};

std::vector<std::string> all_kinds() {
  std::vector<std::string> all = kCcaKinds;
  all.insert(all.end(), kProcrustes.begin(), kProcrustes.end());
  all.insert(all.end(),
             {"svcca_rank(rank=2)", "svcca_99", "linear_regression_r2(direction=x->y)",
              "linear_regression_r2(direction=y->x)", "ridge_r2_cv5", "ridge_r2_cv5_pooled"});
  return all;
}

struct Answer {
  double value;
  std::string reason;
  std::vector<std::string> remarks;
};

Answer answer(const std::string& text, const Matrix<float>& x, const Matrix<float>& y) {
  const auto metric = engine::parse_metric(text);
  const MetricSide a("a", {x}, metric), b("b", {y}, metric);
  const auto grid = engine::prepare_metric({}, metric, a.input(), b.input());
  return {grid.values({})(0, 0), grid.reasons[0], grid.remarks};
}

void expect_undefined(const Answer& found, const std::string& because) {
  EXPECT_TRUE(std::isnan(found.value)) << found.value;
  EXPECT_THAT(found.reason, HasSubstr(because));
}

Matrix<float> scaled(Matrix<float> x, double factor) {
  for (float& value : x.values()) value = static_cast<float>(value * factor);
  return x;
}

TEST(AlignmentEdges, TooFewRowsForAllDimensionsIsUndefined) {
  // 11 rows have 10 free directions: 10 columns span them, 9 do not.
  const Matrix<float> narrow = normal_matrix(11, 3, 1);
  for (const auto& metric : kCcaKinds) {
    SCOPED_TRACE(metric);
    for (const int64_t d : {10, 11, 40}) {
      const Matrix<float> wide = normal_matrix(11, d, 2);
      expect_undefined(answer(metric, wide, narrow), "any data would score alike");
      expect_undefined(answer(metric, narrow, wide), "any data would score alike");
    }
    EXPECT_THAT(answer(metric, narrow, normal_matrix(11, 9, 2)).reason, IsEmpty());
  }
  const Matrix<float> wide = normal_matrix(11, 10, 2);
  expect_undefined(answer("linear_regression_r2(direction=x->y)", wide, narrow), "needs n > 11");
  EXPECT_THAT(answer("linear_regression_r2(direction=y->x)", wide, narrow).reason, IsEmpty());
  expect_undefined(answer("shape_metric(alpha=0)", wide, narrow), "any data would score alike");
}

TEST(AlignmentEdges, ASmallFixedRankIsDefinedForWideLayers) {
  const Matrix<float> x = normal_matrix(20, 50, 1), y = normal_matrix(20, 60, 2);
  const Answer small = answer("svcca_rank(rank=3)", x, y);
  EXPECT_GT(small.value, 0);
  EXPECT_LT(small.value, 1);
  expect_undefined(answer("svcca_rank(rank=19)", x, y), "needs n > 20");
  expect_undefined(answer("svcca_rank(rank=5)", normal_matrix(20, 4, 3), y),
                   "rank 5 of a layer that has 4 directions");
}

TEST(AlignmentEdges, ForcedCorrelationsAreSaid) {
  const Matrix<float> x = normal_matrix(21, 12, 1), y = normal_matrix(21, 15, 2);
  const Answer found = answer("cca_mean", x, y);
  EXPECT_THAT(found.remarks, ElementsAre("7 of 12 canonical correlations are 1 whatever the data: "
                                         "12 + 15 dimensions exceed n - 1 = 20"));
  EXPECT_THAT(answer("cca_mean", x, normal_matrix(21, 8, 2)).remarks, IsEmpty());
}

TEST(AlignmentEdges, ConstantLayersAreUndefined) {
  const Matrix<float> x = normal_matrix(30, 3, 1);
  const Matrix<float> equal(30, 4, 0.1F);
  for (const auto& metric : all_kinds()) {
    SCOPED_TRACE(metric);
    expect_undefined(answer(metric, equal, x), "constant layer");
    expect_undefined(answer(metric, x, equal), "constant layer");
  }
}

TEST(AlignmentEdges, ConstantAndRepeatedColumnsChangeNothing) {
  const Matrix<float> x = normal_matrix(40, 4, 1), y = normal_matrix(40, 3, 2);
  Matrix<float> more(40, 6);
  for (int64_t i = 0; i < 40; ++i) {
    std::ranges::copy(x.row(i), more.row(i).begin());
    more(i, 4) = 0.1F;                 // no exact mean in binary
    more(i, 5) = x(i, 0) * 2 + 0.25F;  // exact in binary or nearly so
  }
  for (const char* metric : {"cca_mean", "pwcca_sample_l1(weights=x)", "pwcca(weights=y)",
                             "linear_regression_r2(direction=x->y)"}) {
    SCOPED_TRACE(metric);
    const Answer found = answer(metric, more, y);
    EXPECT_NEAR(found.value, answer(metric, x, y).value, 1e-7);
    EXPECT_THAT(found.remarks,
                ElementsAre("a block_0/mean: 4 directions of 6 columns are kept; the others are "
                            "below 2^-23 of the largest"));
  }
}

TEST(AlignmentEdges, AConstantColumnThatHasNoExactMeanIsNoDirection) {
  // Rows of +-1 scaled to unit norm: the constant column is 1 / sqrt(3), to 53 bits.
  const Matrix<float> y = normal_matrix(41, 2, 2);
  Matrix<float> signs = normal_matrix(41, 2, 1), more(41, 3, 1.0F);
  for (float& value : signs.values()) value = value > 0 ? 1.0F : -1.0F;
  for (int64_t i = 0; i < 41; ++i) std::ranges::copy(signs.row(i), more.row(i).begin());
  for (const char* metric :
       {"cca_mean(preprocess=l2)", "linear_regression_r2(direction=x->y, preprocess=l2)"}) {
    SCOPED_TRACE(metric);
    const Answer found = answer(metric, more, y);
    EXPECT_NEAR(found.value, answer(metric, signs, y).value, 1e-12);
    EXPECT_THAT(found.remarks, ElementsAre(HasSubstr("2 directions of 3 columns are kept")));
  }
}

TEST(AlignmentEdges, CcaDoesNotDependOnTheScaleOfColumns) {
  const Matrix<float> x = normal_matrix(40, 4, 1), y = normal_matrix(40, 3, 2);
  Matrix<float> uneven = x;
  for (int64_t i = 0; i < 40; ++i) {
    uneven(i, 0) *= 0x1p-30F;
    uneven(i, 1) *= 0x1p30F;
  }
  for (const char* metric : {"cca_mean", "linear_regression_r2(direction=x->y)"})
    EXPECT_NEAR(score(metric, uneven, y), score(metric, x, y), 1e-12) << metric;
}

TEST(AlignmentEdges, ScalesFromTinyToHuge) {
  const Matrix<float> x = normal_matrix(40, 4, 1), y = normal_matrix(40, 3, 2);
  for (const double factor : {1e-9, 1e9})
    for (const auto& metric : all_kinds()) {
      if (metric.starts_with("ridge") || metric.starts_with("shape")) continue;
      SCOPED_TRACE(fmt::format("{} times {}", metric, factor));
      const double plain = answer(metric, x, y).value;
      const bool has_units = metric == "procrustes_distance";
      EXPECT_NEAR(answer(metric, scaled(x, factor), scaled(y, factor)).value,
                  has_units ? plain * factor : plain, 1e-6 * (has_units ? plain * factor : 1));
    }
  // Ridge has a fixed penalty: of tiny predictors it leaves the mean, of huge ones nothing.
  EXPECT_LT(answer("ridge_r2_cv5_pooled", scaled(x, 1e-9), y).value, 0);
  EXPECT_NEAR(answer("ridge_r2_cv5_pooled", scaled(x, 1e9), y).value,
              reference::ridge_r2_pooled(widened(x), widened(y), 0), 1e-6);
}

TEST(AlignmentEdges, ALargeOffsetCostsNoDigits) {
  const Matrix<float> x = normal_matrix(50, 4, 1), y = normal_matrix(50, 3, 2);
  Matrix<float> near(50, 4), far(50, 4);
  for (size_t i = 0; i < x.values().size(); ++i) {
    near.values()[i] = std::round(x.values()[i] * 64);
    far.values()[i] = near.values()[i] + 0x1p22F;  // exact
  }
  for (const auto& metric : all_kinds()) {
    if (metric.starts_with("ridge")) continue;
    SCOPED_TRACE(metric);
    const double plain = answer(metric, near, y).value;
    EXPECT_NEAR(answer(metric, far, y).value, plain, 1e-12 * std::max(1.0, plain));
  }
  EXPECT_NEAR(answer("ridge_r2_cv5", far, y).value, answer("ridge_r2_cv5", near, y).value, 1e-8);
}

TEST(AlignmentEdges, EqualSidesHaveNoDistanceToTheLastDigits) {
  const Matrix<float> x = normal_matrix(60, 5, 1);
  for (const char* metric :
       {"procrustes_distance", "procrustes_distance_normalised", "procrustes_angular",
        "shape_metric(alpha=0)", "shape_metric(alpha=0.5)"})
    EXPECT_LT(score(metric, x, x), 1e-12) << metric;
  Matrix<float> padded(60, 8);
  for (int64_t i = 0; i < 60; ++i) std::ranges::copy(x.row(i), padded.row(i).begin() + 2);
  EXPECT_LT(score("procrustes_distance", x, padded), 1e-12);
  EXPECT_LT(score("procrustes_distance", padded, x), 1e-12);
}

TEST(AlignmentEdges, FourRows) {
  const Matrix<float> x = normal_matrix(4, 2, 1), y = normal_matrix(4, 1, 2);
  for (const auto& metric : all_kinds()) {
    SCOPED_TRACE(metric);
    const Answer found = answer(metric, x, y);
    if (metric == "svcca_rank(rank=2)")
      expect_undefined(found, "rank 2 of a layer that has 1 directions");
    else if (metric.starts_with("ridge"))
      expect_undefined(found, "n >= 10");
    else
      EXPECT_TRUE(std::isfinite(found.value)) << found.reason;
  }
  expect_undefined(answer("cca_mean", normal_matrix(4, 3, 1), y), "needs n > 4");
}

TEST(AlignmentEdges, RidgeWithoutPenaltyNeedsIndependentColumns) {
  const Matrix<float> y = normal_matrix(20, 2, 2);
  Matrix<float> repeated = normal_matrix(20, 3, 1);
  for (int64_t i = 0; i < 20; ++i) repeated(i, 2) = repeated(i, 0);
  expect_undefined(answer("ridge_r2_cv5(alpha=0)", repeated, y), "alpha = 0");
  expect_undefined(answer("ridge_r2_cv5(alpha=0)", normal_matrix(20, 16, 1), y), "alpha = 0");
  EXPECT_THAT(answer("ridge_r2_cv5(alpha=1)", repeated, y).reason, IsEmpty());
  EXPECT_THAT(answer("ridge_r2_cv5(alpha=0)", normal_matrix(20, 3, 1), y).reason, IsEmpty());
}

TEST(AlignmentEdges, RidgeLeavesOutColumnsThatDoNotVaryInAFold) {
  const Matrix<float> x = normal_matrix(20, 3, 1);
  const Matrix<float> y = normal_matrix(20, 2, 2);
  Matrix<float> with_dead(20, 3, 0.1F);
  for (int64_t i = 0; i < 20; ++i) std::ranges::copy(y.row(i), with_dead.row(i).begin());
  const Answer found = answer("ridge_r2_cv5", x, with_dead);
  EXPECT_NEAR(found.value, score("ridge_r2_cv5", x, y), 1e-12);
  EXPECT_THAT(found.remarks, ElementsAre(HasSubstr("5 of 15 columns of a fold are constant")));
  EXPECT_NEAR(score("ridge_r2_cv5_pooled", x, with_dead), score("ridge_r2_cv5_pooled", x, y),
              1e-12);
  Matrix<float> by_fold(20, 2);
  for (int64_t i = 0; i < 20; ++i) by_fold(i, 0) = static_cast<float>(i / 4);
  expect_undefined(answer("ridge_r2_cv5", x, by_fold), "constant within every fold");
}

TEST(AlignmentEdges, StandardisedColumnsAreWhatTheWordSays) {
  Matrix<float> x = normal_matrix(50, 5, 1);
  for (int64_t i = 0; i < 50; ++i) x(i, 0) *= 100;
  const Matrix<float> y = normal_matrix(50, 4, 2);
  Dense z = centred(widened(x));
  for (int64_t f = 0; f < z.cols(); ++f) {
    double square = 0;
    for (int64_t i = 0; i < z.rows(); ++i) square += z(i, f) * z(i, f);
    for (int64_t i = 0; i < z.rows(); ++i) z(i, f) /= std::sqrt(square / 49);
  }
  const Matrix<float> unit_y = normal_matrix(50, 1, 2);
  EXPECT_NEAR(score("svcca_rank(rank=1, preprocess=standardise)", x, unit_y),
              reference::svcca(z, 1, widened(unit_y), 1), 1e-9);
  EXPECT_GT(std::abs(score("svcca_rank(rank=1)", x, y) -
                     score("svcca_rank(rank=1, preprocess=standardise)", x, y)),
            1e-3);
}

TEST(AlignmentEdges, ParametersAreChecked) {
  for (const char* text : {"svcca_99(rank_x=0)", "svcca_99(rank_x=ten)", "svcca_rank(rank=1.5)",
                           "shape_metric(alpha=2)", "ridge_r2_cv5(alpha=-1)", "pwcca(weights=z)",
                           "svcca_99(kept=all)"})
    EXPECT_THROW((void)engine::parse_metric(text), Error) << text;
  EXPECT_EQ(engine::parse_metric("svcca_99(rank_x=12)").number("rank_x"), 12);
}

}  // namespace
}  // namespace consilience::testing
