#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "engine/base/json.h"
#include "engine/graphs/build_graphs.h"
#include "engine/inference/permutation_null.h"
#include "tests/support/memory_features.h"
#include "tests/support/npy.h"
#include "tests/support/score_graphs.h"

namespace consilience::engine {
namespace {

using testing::MemoryFeatures;
using testing::read_npy;

const std::string kData = CONSILIENCE_SOURCE_DIR "/tests/golden/data/";
const kernels::Context kContext{kernels::Backend::cpu, 0};

Conditioning conditioning_of(const Json& record) {
  Conditioning conditioning = conditioning_preset("none");
  const auto preprocess = record.at("preprocess").get<std::string>();
  if (preprocess != "raw") conditioning.scale = Scale::l2;
  if (preprocess == "centre columns, then l2 rows") conditioning.center = Center::mean;
  if (record.at("params").value("similarity", "cosine") == "neg. euclidean")
    conditioning.similarity = kernels::Similarity::euclidean;
  return conditioning;
}

ModelGraphs graphs_of(const std::string& side, const Conditioning& conditioning, int k) {
  const Matrix<double> wide = read_npy<double>(kData + side + ".npy", "<f8");
  Matrix<float> x(wide.rows(), wide.cols());
  std::ranges::transform(wide.values(), x.values().begin(),
                         [](double v) { return static_cast<float>(v); });
  const MemoryFeatures features({x});
  return {side, "", x.rows(), build_graphs(kContext, features, {side, conditioning, k, 0, {}})};
}

bool tie_at(const ModelGraphs& model, int64_t row, int k) {
  const Matrix<double>& score = model.layers[0].graph.score;
  return score(row, k - 1) == score(row, k);
}

std::vector<Json> records(const std::string& metric) {
  std::vector<Json> found;
  for (const Json& record : read_json(kData + "mutual_knn.json")) {
    if (record.at("metric") == metric) found.push_back(record);
  }
  return found;
}

TEST(GoldenMutualKnn, EveryCaseKAndSimilarity) {
  int checked = 0;
  for (const Json& record : records("mutual_knn")) {
    if (record.at("value").is_null()) continue;  // ties decided by rounding: no defined answer
    SCOPED_TRACE(record.dump());
    const auto name = record.at("case").get<std::string>();
    const int k = record.at("params").at("k").get<int>();
    const Conditioning conditioning = conditioning_of(record);
    const ModelGraphs x = graphs_of(name + "_x", conditioning, k);
    const ModelGraphs y = graphs_of(name + "_y", conditioning, k);
    const PairScore score =
        testing::score_graphs(kContext, x, y, mutual_knn(k), describe(conditioning));
    EXPECT_NEAR(score.maximum, record.at("value").get<double>(), 1e-12);
    if (record.contains("rows_with_tie_at_k")) {
      int64_t rows = 0;
      for (int64_t i = 0; i < x.rows; ++i) rows += tie_at(x, i, k) || tie_at(y, i, k) ? 1 : 0;
      EXPECT_EQ(static_cast<double>(rows) / static_cast<double>(x.rows),
                record.at("rows_with_tie_at_k").get<double>());
    }
    ++checked;
  }
  EXPECT_EQ(checked, 60);  // 7 cases, 3 k, 3 similarities, less 3 without an answer
}

class GoldenNull : public ::testing::TestWithParam<std::string> {};

/// The stored permutations relabel y: row i <- row perm[i]. That scores like x relabelled by perm.
TEST_P(GoldenNull, CalibratedPAndThreshold) {
  const Matrix<int32_t> perms = read_npy<int32_t>(kData + "perms_200x64.npy", "<i4");
  Relabellings relabellings;
  for (int64_t p = 0; p < perms.rows(); ++p)
    relabellings.emplace_back(perms.row(p).begin(), perms.row(p).end());
  Conditioning conditioning = conditioning_preset("none");
  conditioning.scale = Scale::l2;
  const ModelGraphs x = graphs_of(GetParam() + "_x", conditioning, 10);
  const ModelGraphs y = graphs_of(GetParam() + "_y", conditioning, 10);
  PairInference inference;
  testing::null_of_graphs(kContext, x, y, mutual_knn(10), relabellings, inference);

  const auto golden = [](const std::string& metric) {
    for (const Json& record : records(metric)) {
      if (record.at("case") == GetParam()) return record.at("value").get<double>();
    }
    throw std::runtime_error("no record of " + metric);
  };
  EXPECT_DOUBLE_EQ(inference.p, golden("calibrated_p_value"));
  // tau: order statistic ceil(0.95 (K + 1)) = 191 of the observed value and the null together.
  std::vector<double> all = inference.null_maxima;
  all.push_back(testing::score_graphs(kContext, x, y, mutual_knn(10), "").maximum);
  std::ranges::sort(all);
  EXPECT_DOUBLE_EQ(all[190], golden("calibrated_threshold"));
}

INSTANTIATE_TEST_SUITE_P(Cases, GoldenNull, ::testing::Values("small_corr", "small_indep"));

}  // namespace
}  // namespace consilience::engine
