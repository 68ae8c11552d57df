#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>

#include "engine/base/json.h"
#include "tests/support/metric_sides.h"
#include "tests/support/npy.h"
#include "tests/support/source_dir.h"

namespace consilience::testing {
namespace {

using engine::Json;

const std::string kData = source_dir() + "/tests/golden/data/";

Matrix<float> golden_features(const std::string& side) {
  const Matrix<double> wide = read_npy<double>(kData + side + ".npy", "<f8");
  Matrix<float> x(wide.rows(), wide.cols());
  std::ranges::transform(wide.values(), x.values().begin(),
                         [](double v) { return static_cast<float>(v); });
  return x;
}

/// Records that a calibration answers, not a metric: tested with inference.
bool is_calibration(const Json& record) {
  return record.at("metric").get<std::string>().starts_with("calibrated_");
}

/// Why a record's value is not what consilience gives, or "". docs/metrics.md lists these.
std::string exception_of(const Json& record) {
  const auto metric = record.at("metric").get<std::string>();
  if (record.at("value").is_null()) return "no defined answer: ties decided by rounding";
  if (metric == "cca_mean" && record.at("case") == "wide")
    return "n <= d: null with a reason instead of 1";
  return "";
}

std::map<std::string, std::vector<Json>> records_by_metric() {
  std::map<std::string, std::vector<Json>> records;
  for (const Json& record : engine::read_json(kData + "golden.json"))
    if (!is_calibration(record)) records[record.at("metric").get<std::string>()].push_back(record);
  return records;
}

std::vector<std::string> metric_names() {
  std::vector<std::string> names;
  for (const auto& [name, records] : records_by_metric()) names.push_back(name);
  return names;
}

double answer(const Json& record, const engine::MetricSpec& metric) {
  const auto stem = record.at("case").get<std::string>();
  Matrix<float> x = golden_features(stem + "_x");
  Matrix<float> y = golden_features(stem + "_y");
  if (record.at("params").value("of", "x") == "y") std::swap(x, y);
  return score(metric, x, y);
}

class GoldenMetrics : public ::testing::TestWithParam<std::string> {};

TEST_P(GoldenMetrics, EveryRecord) {
  const std::vector<Json> records = records_by_metric().at(GetParam());
  for (const Json& record : records) {
    SCOPED_TRACE(record.dump());
    const double value = answer(record, engine::metric_from_json(record));
    if (exception_of(record).empty()) {
      const auto golden = record.at("value").get<double>();
      EXPECT_NEAR(value, golden, 1e-9 * std::max(1.0, std::abs(golden)));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, GoldenMetrics, ::testing::ValuesIn(metric_names()),
                         [](const auto& named) { return named.param; });

}  // namespace
}  // namespace consilience::testing
