#include "engine/graphs/condition_layer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/base/error.h"
#include "tests/support/memory_features.h"
#include "tests/support/random_matrix.h"

namespace consilience::engine {
namespace {

using ::testing::HasSubstr;
using testing::MemoryFeatures;
using testing::normal_matrix;

const kernels::Context kContext{kernels::Backend::reference, 1};

ConditionedLayer condition(const FeatureView& features, int64_t slot, const Conditioning& how) {
  return condition_layer(kContext, features, slot, "tiny", how,
                         fit_clamp(kContext, features, "tiny", how));
}

/// Element min(count - 1, floor(q count)) of the sorted absolute values.
float quantile(const std::vector<const Matrix<float>*>& layers, double q) {
  std::vector<float> all;
  for (const auto* x : layers) {
    for (const float v : x->values()) all.push_back(std::abs(v));
  }
  std::ranges::sort(all);
  const auto place = static_cast<size_t>(q * static_cast<double>(all.size()));
  return all[std::min(all.size() - 1, place)];
}

std::string message(const std::function<void()>& run, Failure kind = Failure::never) {
  try {
    run();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), kind);
    return error.what();
  }
  return "no error";
}

TEST(ConditionLayer, ScopeLayerFitsEachLayerAlone) {
  const Matrix<float> x = normal_matrix(20, 5, 1);
  Matrix<float> y = normal_matrix(20, 7, 2);
  for (float& v : y.values()) v *= 10;
  const MemoryFeatures features({x, y});
  EXPECT_EQ(condition(features, 0, {}).threshold, quantile({&x}, 0.95));
  EXPECT_EQ(condition(features, 1, {}).threshold, quantile({&y}, 0.95));
}

TEST(ConditionLayer, ScopeModelSharesOneThresholdWithinAPooling) {
  const Matrix<float> x = normal_matrix(20, 5, 1);
  Matrix<float> y = normal_matrix(20, 7, 2);
  for (float& v : y.values()) v *= 10;
  MemoryFeatures features({x, y, y});
  features.set_pooling(2, "first");
  const Conditioning how = conditioning_preset("prh-paper");
  EXPECT_EQ(condition(features, 0, how).threshold, quantile({&x, &y}, 0.95));
  EXPECT_EQ(condition(features, 1, how).threshold, quantile({&x, &y}, 0.95));
  EXPECT_EQ(condition(features, 2, how).threshold, quantile({&y}, 0.95));
}

TEST(ConditionLayer, ScopeModelSampleMeanAveragesTheRowsQuantiles) {
  Matrix<float> x(2, 3);
  x.values() = {0, 1, 2, 0, 10, 20};
  Matrix<float> y(2, 2);
  y.values() = {3, -4, 30, -40};
  Conditioning how = conditioning_preset("prh-code");
  how.clamp = 0.875;  // of 5 values: place 3.5 of 0 .. 4: half way between 3 and 4, 30 and 40
  const MemoryFeatures features({x, y});
  EXPECT_FLOAT_EQ(condition(features, 0, how).threshold, (3.5F + 35.0F) / 2);
}

TEST(ConditionLayer, SparseFeaturesAreNotClamped) {
  Matrix<float> x(10, 10);
  for (int64_t i = 0; i < 4; ++i) x(i, i) = 1;  // the 0.95 quantile of 96 zeros and 4 ones is 0
  const ConditionedLayer layer = condition(MemoryFeatures({x}), 0, {.scale = Scale::none});
  EXPECT_EQ(layer.threshold, 0);
  EXPECT_TRUE(layer.clamp_off_sparse);
  EXPECT_EQ(layer.clamp(), std::numeric_limits<float>::infinity());
  EXPECT_EQ(layer.reason, "");
}

TEST(ConditionLayer, ConstantLayerAndZeroRowHaveReasons) {
  EXPECT_EQ(condition(MemoryFeatures({Matrix<float>(6, 3, 2.0F)}), 0, {}).reason,
            "constant layer: all 6 rows are equal");
  Matrix<float> x = normal_matrix(6, 3, 1);
  std::ranges::fill(x.row(4), 0.0F);
  EXPECT_THAT(condition(MemoryFeatures({x}), 0, {}).reason, HasSubstr("row 4 is zero"));
  EXPECT_EQ(condition(MemoryFeatures({x}), 0, {.scale = Scale::none}).reason, "");
}

TEST(ConditionLayer, ZeroRowsErrorStopsAndNamesModelLayerAndRow) {
  Matrix<float> x = normal_matrix(6, 3, 1);
  std::ranges::fill(x.row(4), 0.0F);
  const std::string text =
      message([&] { (void)condition(MemoryFeatures({x}), 0, {.zero_rows = ZeroRows::error}); });
  EXPECT_THAT(text, HasSubstr("tiny block_0/mean: row 4 is zero"));
}

TEST(ConditionLayer, NanNamesModelLayerAndRow) {
  Matrix<float> x = normal_matrix(6, 3, 1);
  x(5, 2) = std::numeric_limits<float>::quiet_NaN();
  const MemoryFeatures features({normal_matrix(6, 3, 2), x});
  for (const char* preset : {"default", "prh-paper", "prh-code", "none"}) {
    const std::string text =
        message([&] { (void)condition(features, 1, conditioning_preset(preset)); });
    EXPECT_THAT(text, HasSubstr("tiny block_1/mean: row 5"));
  }
}

TEST(ConditionLayer, CentringTakesTheMeanOfTheClampedColumns) {
  Matrix<float> x(2, 2);
  x.values() = {1, 2, 3, 100};
  const Conditioning how{.clamp = 0.5, .center = Center::mean};  // sorted 1 2 3 100: place 2 is 3
  EXPECT_EQ(condition(MemoryFeatures({x}), 0, how).mean, (std::vector<double>{2, 2.5}));
}

}  // namespace
}  // namespace consilience::engine
