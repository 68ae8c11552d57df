#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "engine/metrics/one_space/spectrum.h"
#include "tests/support/metric_sides.h"
#include "tests/support/one_space_reference.h"
#include "tests/support/random_matrix.h"

namespace consilience::testing {
namespace {

struct Defined {
  std::string metric;
  std::function<double(const Dense& x)> value;
};

double squares_over_largest(const std::vector<double>& s) {
  return std::inner_product(s.begin(), s.end(), s.begin(), 0.0) / (s[0] * s[0]);
}

const std::vector<Defined> kDefined = {
    {"effective_rank",
     [](const Dense& x) { return reference::entropy_rank(plain_singular_values(centred(x)), 0); }},
    {"effective_rank(preprocess=raw)",
     [](const Dense& x) { return reference::entropy_rank(plain_singular_values(x), 0); }},
    {"rankme(epsilon=0.001)",
     [](const Dense& x) { return reference::entropy_rank(plain_singular_values(x), 0.001); }},
    {"effective_rank_covariance(epsilon=0.001)",
     [](const Dense& x) {
       return reference::entropy_rank(reference::covariance_spectrum(x), 0.001);
     }},
    {"participation_ratio", reference::participation_ratio},
    {"stable_rank",
     [](const Dense& x) { return squares_over_largest(plain_singular_values(centred(x))); }},
    {"stable_rank(preprocess=raw)",
     [](const Dense& x) { return squares_over_largest(plain_singular_values(x)); }},
    {"alpha_req(ranks=1..4)", [](const Dense& x) { return reference::alpha_req(x, 1, 4, false); }},
    {"alpha_req(ranks=2..5, weights=1)",
     [](const Dense& x) { return reference::alpha_req(x, 2, 5, true); }},
    {"mean_cosine", reference::mean_cosine},
    {"uniformity", [](const Dense& x) { return reference::uniformity(x, 2); }},
    {"uniformity(t=0.5)", [](const Dense& x) { return reference::uniformity(x, 0.5); }},
    {"twonn_mle", reference::twonn_mle},
    {"twonn_fit", [](const Dense& x) { return reference::twonn_fit(x, 0.9); }},
    {"twonn_fit(kept=1)", [](const Dense& x) { return reference::twonn_fit(x, 1); }},
    {"hubness_max(k=3, preprocess=l2)",
     [](const Dense& x) {
       return static_cast<double>(std::ranges::max(reference::in_degrees(x, 3))) /
              static_cast<double>(x.rows() - 1);
     }},
    {"hubness_skew(k=3, preprocess=l2)",
     [](const Dense& x) {
       double second = 0, third = 0;
       for (const int degree : reference::in_degrees(x, 3)) {
         second += std::pow(degree - 3, 2) / static_cast<double>(x.rows());
         third += std::pow(degree - 3, 3) / static_cast<double>(x.rows());
       }
       return third / std::pow(second, 1.5);
     }},
};

/// Columns of unlike scale with an offset.
Matrix<float> uneven(int64_t n, int64_t d, uint64_t seed) {
  Matrix<float> x = normal_matrix(n, d, seed);
  for (int64_t i = 0; i < n; ++i)
    for (int64_t f = 0; f < d; ++f)
      x(i, f) = x(i, f) / static_cast<float>(f + 1) + 0.3F * static_cast<float>(f % 2);
  return x;
}

double value_of(const std::string& metric, const Matrix<float>& x) { return score(metric, x, x); }

TEST(OneSpaceDefinitions, FastIsWhatTheDefinitionSays) {
  for (const auto& [n, d] : std::vector<std::pair<int64_t, int64_t>>{{30, 6}, {57, 9}, {80, 5}}) {
    const Matrix<float> x = uneven(n, d, 3);
    for (const Defined& defined : kDefined) {
      SCOPED_TRACE(fmt::format("{} n={} d={}", defined.metric, n, d));
      const double expected = defined.value(widened(x));
      EXPECT_NEAR(value_of(defined.metric, x), expected, 1e-10 * std::max(1.0, std::abs(expected)));
    }
  }
}

TEST(OneSpaceDefinitions, ManyRowsAreFoldedAndTiled) {
  // More than one block of 1,024 rows, and more than one tile of 512.
  const Matrix<float> x = uneven(2200, 5, 4);
  for (const Defined& defined : kDefined) {
    if (defined.metric.starts_with("twonn") || defined.metric.starts_with("hubness")) continue;
    SCOPED_TRACE(defined.metric);
    const double expected = defined.value(widened(x));
    EXPECT_NEAR(value_of(defined.metric, x), expected, 1e-10 * std::max(1.0, std::abs(expected)));
  }
}

TEST(OneSpaceDefinitions, ARelabellingChangesNothingAndEveryLayerHasItsPlace) {
  const std::vector<Matrix<float>> layers = {uneven(40, 5, 1), uneven(40, 7, 2)};
  for (const Defined& defined : kDefined) {
    SCOPED_TRACE(defined.metric);
    const auto metric = engine::parse_metric(defined.metric);
    const MetricSide side("a", layers, metric);
    const engine::ModelInput none{
        .model = "none", .rows = 40, .layers = {}, .classes = {}, .groups = {}};
    const auto grid = engine::prepare_metric({}, metric, side.input(), none);
    std::vector<int32_t> reversed(40);
    for (int32_t i = 0; i < 40; ++i) reversed[static_cast<size_t>(i)] = 39 - i;
    const auto values = grid.values(reversed);
    ASSERT_EQ(values.rows(), 2);
    ASSERT_EQ(values.cols(), 1);
    for (size_t l = 0; l < 2; ++l)
      EXPECT_NEAR(values(static_cast<int64_t>(l), 0), value_of(defined.metric, layers[l]), 1e-12);
  }
}

TEST(Spectrum, SmallSingularValuesKeepTheirDigits) {
  // Orthogonal columns of scales 1 and 2^-26: squaring would lose the second.
  Matrix<float> x(3000, 2);
  for (int64_t i = 0; i < 3000; ++i) {
    x(i, 0) = i % 2 == 0 ? 1 : -1;
    x(i, 1) = i % 4 < 2 ? 0x1p-26F : -0x1p-26F;
  }
  const auto metric = engine::parse_metric("effective_rank");
  const MetricSide side("a", {x}, metric);
  const auto s =
      engine::singular_values_of({}, side.input().layers[0], metric, engine::Centring::columns);
  EXPECT_NEAR(s[1] / s[0], 0x1p-26, 0x1p-26 * 1e-7);
}

TEST(Spectrum, StandardisedColumnsHaveUnitVariance) {
  const Matrix<float> x = uneven(1500, 4, 5);
  const auto metric = engine::parse_metric("effective_rank(preprocess=standardise)");
  const MetricSide side("a", {x}, metric);
  const auto s =
      engine::singular_values_of({}, side.input().layers[0], metric, engine::Centring::as_given);
  EXPECT_NEAR(std::inner_product(s.begin(), s.end(), s.begin(), 0.0), 4 * 1499.0, 1e-8);
}

}  // namespace
}  // namespace consilience::testing
