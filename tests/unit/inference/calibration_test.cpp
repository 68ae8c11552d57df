#include "engine/inference/calibration.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "engine/base/json.h"
#include "engine/inference/permutation_null.h"
#include "engine/metrics/metric.h"
#include "engine/metrics/score_pair.h"
#include "kernels/base/error.h"
#include "tests/support/neighbor_lists.h"
#include "tests/support/npy.h"
#include "tests/support/source_dir.h"

namespace consilience::engine {
namespace {

const std::string kData = source_dir() + "/tests/golden/data/";

/// 1, 2 .. count.
std::vector<double> counting(int count) {
  std::vector<double> values;
  for (int i = 1; i <= count; ++i) values.push_back(i);
  return values;
}

TEST(Calibrate, ByHand) {
  // 19 null values and the observed 30: the 19th of 20 is 19.
  const Calibration c = calibrate(30, counting(19), 0.05, 41, true);
  EXPECT_DOUBLE_EQ(c.threshold, 19);
  EXPECT_DOUBLE_EQ(c.calibrated, 11.0 / 22);
  EXPECT_DOUBLE_EQ(c.corrected, 20.0 / 31);
  EXPECT_DOUBLE_EQ(c.p, 1.0 / 20);
  EXPECT_DOUBLE_EQ(c.z, 20 / std::sqrt(19 * 20 / 12.0));
}

TEST(Calibrate, ThePlaceIsNotMovedByRounding) {
  // ceil((1 - alpha)(K + 1)) by integers: 100 - alpha in hundredths.
  for (const int hundredths : {1, 5, 10, 20})
    for (const int null : {9, 19, 99, 199, 200, 499, 999}) {
      const int place = ((100 - hundredths) * (null + 1) + 99) / 100;
      const Calibration c =
          calibrate(null + 1, counting(null), hundredths / 100.0, std::nullopt, true);
      EXPECT_EQ(c.threshold, place) << hundredths << " " << null;
    }
}

TEST(Calibrate, BelowTheThresholdIsZero) {
  const Calibration c = calibrate(12, counting(19), 0.05, 40, true);
  EXPECT_EQ(c.calibrated, 0);
  EXPECT_GT(c.corrected, 0);
  EXPECT_EQ(calibrate(12, counting(19), 0.05, std::nullopt, true).calibrated, 0);
}

TEST(Calibrate, WithoutABestValueItIsTheExcessOverTheThreshold) {
  const Calibration c = calibrate(30, counting(19), 0.05, std::nullopt, true);
  EXPECT_DOUBLE_EQ(c.calibrated, 11);
  EXPECT_TRUE(std::isnan(c.corrected));
}

TEST(Calibrate, ADistanceIsTheMirrorImage) {
  // Distances 11 .. 29, observed 2, best 0. Mirror: closeness = 100 - distance.
  std::vector<double> distances, closeness;
  for (int i = 11; i < 30; ++i) {
    distances.push_back(i);
    closeness.push_back(100 - i);
  }
  for (const double value : {2.0, 11.0, 20.0, 40.0}) {
    const Calibration far = calibrate(value, distances, 0.05, 0, false);
    const Calibration near = calibrate(100 - value, closeness, 0.05, 100, true);
    EXPECT_DOUBLE_EQ(far.threshold, 100 - near.threshold);
    EXPECT_DOUBLE_EQ(far.calibrated, near.calibrated);
    EXPECT_DOUBLE_EQ(far.corrected, near.corrected);
    EXPECT_DOUBLE_EQ(far.z, near.z);
    EXPECT_DOUBLE_EQ(far.p, near.p);
  }
  EXPECT_DOUBLE_EQ(calibrate(2, distances, 0.05, 0, false).calibrated, 9.0 / 11);
}

TEST(Calibrate, ANullThatReachesTheBestLeavesNothing) {
  const std::vector<double> null(19, 1.0);
  EXPECT_EQ(calibrate(1, null, 0.05, 1, true).calibrated, 0);
}

TEST(Calibrate, UnknownStaysUnknown) {
  EXPECT_TRUE(std::isnan(calibrate(1, {}, 0.05, 1, true).threshold));
  EXPECT_TRUE(std::isnan(calibrate(kUnknown, counting(9), 0.05, 1, true).p));
  EXPECT_TRUE(std::isnan(calibrate(1, std::vector{0.5, kUnknown}, 0.05, 1, true).calibrated));
  EXPECT_THROW((void)calibrate(1, counting(9), 0, 1, true), Error);
}

/// One side of a golden case, rows at length 1, with its stored lists.
struct Side {
  testing::Features features;
  NeighborGraph graph;
  ModelInput input;

  explicit Side(const std::string& stem) {
    const Matrix<double> wide = testing::read_npy<double>(kData + stem + ".npy", "<f8");
    Matrix<float> x(wide.rows(), wide.cols());
    std::ranges::transform(wide.values(), x.values().begin(),
                           [](double v) { return static_cast<float>(v); });
    features = testing::l2_rows(std::move(x));
    graph.index = testing::read_npy<int32_t>(kData + stem + "_knn10.npy", "<i4");
    input = {.model = stem, .rows = wide.rows(), .layers = {}, .classes = {}, .groups = {}};
    input.layers.push_back(
        {.name = stem, .reason = "", .graph = &graph, .features = features.view()});
  }
};

double golden(const std::string& record_metric, const std::string& of, const std::string& stem) {
  for (const Json& record : read_json(kData + "golden.json"))
    if (record.at("metric") == record_metric && record.at("case") == stem &&
        record.at("params").at("metric").get<std::string>().starts_with(of))
      return record.at("value").get<double>();
  throw std::runtime_error("no record of " + record_metric);
}

class GoldenCalibration : public ::testing::TestWithParam<std::tuple<std::string, std::string>> {};

/// The stored permutations relabel y: row i <- row perm[i]. That scores like x relabelled by perm.
TEST_P(GoldenCalibration, ScoreThresholdAndP) {
  const auto& [name, stem] = GetParam();
  const MetricSpec metric =
      parse_metric(name == "mutual_knn" ? name + "(k=10)" : name + "(preprocess=l2)");
  const Side x(stem + "_x");
  const Side y(stem + "_y");
  const Matrix<int32_t> perms = testing::read_npy<int32_t>(kData + "perms_200x64.npy", "<i4");
  Relabellings relabellings;
  for (int64_t p = 0; p < perms.rows(); ++p)
    relabellings.emplace_back(perms.row(p).begin(), perms.row(p).end());
  const kernels::Context context;
  const PreparedGrid grid = prepare_metric(context, metric, x.input, y.input);
  const PairScore score = score_pair(metric, x.input, y.input, grid, "");
  PairInference inference;
  permutation_null(context, grid, score, relabellings, inference);
  calibrate(score, 0.05, inference);
  EXPECT_DOUBLE_EQ(inference.p, golden("calibrated_p_value", name, stem));
  EXPECT_NEAR(inference.threshold, golden("calibrated_threshold", name, stem), 1e-9);
  EXPECT_NEAR(inference.calibrated, golden("calibrated_score", name, stem), 1e-9);
}

INSTANTIATE_TEST_SUITE_P(Cases, GoldenCalibration,
                         ::testing::Combine(::testing::Values("mutual_knn", "cka_linear_biased",
                                                              "cka_linear_debiased"),
                                            ::testing::Values("small_corr", "small_indep")));

}  // namespace
}  // namespace consilience::engine
