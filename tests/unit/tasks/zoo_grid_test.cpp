#include "engine/tasks/zoo_grid.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "engine/inference/relabellings.h"
#include "engine/metrics/metric.h"
#include "engine/metrics/score_pair.h"
#include "tests/support/memory_features.h"
#include "tests/support/random_matrix.h"

namespace consilience::engine {
namespace {

using testing::Draws;
using testing::MemoryFeatures;

constexpr int64_t kRows = 30;
const kernels::Context kContext{kernels::Backend::cpu, 2};

Matrix<float> gaussian(Draws& draws, int64_t d) {
  Matrix<float> x(kRows, d);
  for (float& value : x.values()) value = static_cast<float>(draws.normal());
  return x;
}

/// Layers of unequal width; the second model of each side has a constant layer.
ConditionedModel conditioned(uint64_t seed, int layers, bool with_constant) {
  Draws draws(seed);
  std::vector<Matrix<float>> features;
  for (int l = 0; l < layers; ++l) features.push_back(gaussian(draws, 3 + l));
  if (with_constant) features.emplace_back(kRows, 2, 1.0f);
  return condition_model(kContext, MemoryFeatures(std::move(features)), "m",
                         conditioning_preset("none"));
}

std::vector<ZooGrid::Member> side(const std::string& name, uint64_t seed) {
  std::vector<ZooGrid::Member> members;
  members.push_back({name + "0", conditioned(seed, 2, false)});
  members.push_back({name + "1", conditioned(seed + 1, 3, true)});
  return members;
}

void expect_alike(const Matrix<double>& found, const Matrix<double>& expected) {
  ASSERT_EQ(found.rows(), expected.rows());
  ASSERT_EQ(found.cols(), expected.cols());
  for (size_t i = 0; i < found.values().size(); ++i) {
    if (std::isnan(expected.values()[i]))
      EXPECT_TRUE(std::isnan(found.values()[i]));
    else
      EXPECT_NEAR(found.values()[i], expected.values()[i], 1e-12);
  }
}

class ZooGridTest : public ::testing::TestWithParam<std::string> {};

TEST_P(ZooGridTest, APairIsWhatItIsAlone) {
  const MetricSpec metric = parse_metric(GetParam());
  ASSERT_TRUE(metric_info(metric.name).shared_passes);
  const SampleLabels labels;
  ZooGrid zoo(kContext, metric, kRows, side("a", 1), side("b", 11), labels);
  const auto relabellings = draw_relabellings({.permutations = 2}, "a", "b", kRows);
  const auto members_a = side("a", 1);
  const auto members_b = side("b", 11);
  for (const auto& a : members_a)
    for (const auto& b : members_b) {
      SCOPED_TRACE(a.name + " with " + b.name);
      const ModelInput left = model_input(a.name, kRows, nullptr, &a.features, labels);
      const ModelInput right = model_input(b.name, kRows, nullptr, &b.features, labels);
      const PreparedGrid alone = prepare_metric(kContext, metric, left, right);
      const PreparedGrid part = zoo.pair(a.name, b.name);
      EXPECT_EQ(part.reasons, alone.reasons);
      expect_alike(part.values({}), alone.values({}));
      for (const auto& relabelling : relabellings)
        expect_alike(part.values(relabelling), alone.values(relabelling));
    }
}

INSTANTIATE_TEST_SUITE_P(Metrics, ZooGridTest,
                         ::testing::Values("cka_linear_debiased", "cka_linear_biased",
                                           "cka_rbf_debiased", "rsa_spearman", "rsa_pearson",
                                           "dcor_sqr_unbiased"),
                         [](const auto& named) { return named.param; });

}  // namespace
}  // namespace consilience::engine
