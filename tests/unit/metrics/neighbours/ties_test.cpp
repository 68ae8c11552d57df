#include <gtest/gtest.h>

#include <set>

#include "engine/base/json.h"
#include "engine/metrics/neighbours/tied_lists.h"
#include "tests/support/npy.h"
#include "tests/support/source_dir.h"
#include "tests/unit/metrics/neighbours/plain_lists.h"

namespace consilience::testing {
namespace {

using engine::Json;
using plain::List;

/// Every way to fill a list of k.
std::vector<List> choices(const std::vector<double>& score, const List& order, int k) {
  const auto at = [&](int32_t j) { return score[static_cast<size_t>(j)]; };
  const double last = at(order[static_cast<size_t>(k) - 1]);
  List certain, tied;
  for (const int32_t j : order) {
    if (at(j) > last) certain.push_back(j);
    if (at(j) == last) tied.push_back(j);
  }
  std::vector<List> all;
  const auto open = k - static_cast<int>(certain.size());
  for (uint32_t subset = 0; subset < 1U << tied.size(); ++subset) {
    if (std::popcount(subset) != open) continue;
    all.push_back(certain);
    for (size_t t = 0; t < tied.size(); ++t)
      if ((subset >> t & 1) != 0) all.back().push_back(tied[t]);
  }
  return all;
}

Matrix<float> small_integers(int64_t n, int64_t d, uint64_t seed) {
  Matrix<float> x = normal_matrix(n, d, seed);
  for (float& v : x.values()) v = std::round(v);
  return x;
}

struct Case {
  std::string similarity;
  int64_t n;
  int k;
};

class TieBounds : public ::testing::TestWithParam<Case> {};

/// n at most 13: lists of 4 k do not hold all ties, so some are found again from the features.
TEST_P(TieBounds, AreThoseOfAllChoices) {
  const auto& [similarity, n, k] = GetParam();
  const bool euclidean = similarity == "euclidean";
  int ambiguous = 0;
  for (uint64_t seed = 1; seed <= 8; ++seed) {
    const Matrix<float> x = small_integers(n, 2, seed);
    const Matrix<float> y = small_integers(n, 3, seed + 100);
    const auto score_x = plain::scores(x, false, euclidean);
    const auto score_y = plain::scores(y, false, euclidean);
    const auto order_x = plain::orders(score_x);
    const auto order_y = plain::orders(score_y);
    double least = 0, most = 0;
    for (size_t i = 0; i < static_cast<size_t>(n); ++i) {
      std::set<int> shared;
      for (const List& u : choices(score_x[i], order_x[i], k))
        for (const List& v : choices(score_y[i], order_y[i], k)) shared.insert(plain::shared(u, v));
      least += *shared.begin();
      most += *shared.rbegin();
      ambiguous += shared.size() > 1;
    }
    const double all = static_cast<double>(n) * k;
    const auto found = [&](const std::string& bound) {
      return score(fmt::format("mutual_knn_tie_{}(k={}, similarity={}, preprocess=raw)", bound, k,
                               similarity),
                   x, y);
    };
    EXPECT_NEAR(found("min"), least / all, 1e-12) << seed;
    EXPECT_NEAR(found("max"), most / all, 1e-12) << seed;
  }
  EXPECT_GT(ambiguous, 10);
}

INSTANTIATE_TEST_SUITE_P(Cases, TieBounds,
                         ::testing::Values(Case{"dot", 9, 1}, Case{"dot", 11, 2},
                                           Case{"dot", 12, 5}, Case{"euclidean", 9, 1},
                                           Case{"euclidean", 11, 2}, Case{"euclidean", 12, 5}),
                         [](const auto& one) {
                           return fmt::format("{}_n{}_k{}", one.param.similarity, one.param.n,
                                              one.param.k);
                         });

Matrix<float> golden_features(const std::string& side) {
  const auto wide = read_npy<double>(source_dir() + "/tests/golden/data/" + side + ".npy", "<f8");
  Matrix<float> x(wide.rows(), wide.cols());
  std::ranges::transform(wide.values(), x.values().begin(),
                         [](double v) { return static_cast<float>(v); });
  return x;
}

TEST(TieBounds, OfTheGoldenRecords) {
  int checked = 0, wide = 0;
  for (const Json& record : engine::read_json(source_dir() + "/tests/golden/data/golden.json")) {
    if (record.at("metric") != "mutual_knn" || record.at("value").is_null()) continue;
    if (!record.contains("tie_min")) continue;
    SCOPED_TRACE(record.dump());
    Json request = record;
    const auto x = golden_features(record.at("case").get<std::string>() + "_x");
    const auto y = golden_features(record.at("case").get<std::string>() + "_y");
    for (const std::string bound : {"min", "max"}) {
      request["metric"] = "mutual_knn_tie_" + bound;
      EXPECT_NEAR(score(engine::metric_from_json(request), x, y),
                  record.at("tie_" + bound).get<double>(), 1e-12);
    }
    const auto metric = engine::metric_from_json(request);
    const MetricSide a("a", {x}, metric), b("b", {y}, metric);
    const auto lists = [&](const MetricSide& side) {
      return engine::tied_lists({}, side.input(), side.input().layers[0], metric.k());
    };
    const auto tied_a = lists(a), tied_b = lists(b);
    int64_t rows = 0;
    for (int64_t i = 0; i < x.rows(); ++i)
      rows += std::ssize(tied_a.members.row(i)) > metric.k() ||
              std::ssize(tied_b.members.row(i)) > metric.k();
    EXPECT_EQ(static_cast<double>(rows) / static_cast<double>(x.rows()),
              record.at("rows_with_tie_at_k").get<double>());
    ++checked;
    wide += record.at("tie_min") != record.at("tie_max");
  }
  EXPECT_GE(checked, 20);
  EXPECT_GE(wide, 3);
}

TEST(TieBounds, NeedScores) {
  const auto metric = engine::parse_metric("mutual_knn_tie_min(k=2)");
  MetricSide a("a", {normal_matrix(9, 3, 1)}, metric);
  engine::NeighborGraph bare = *a.input().layers[0].graph;
  bare.score = {};
  a.input().layers[0].graph = &bare;
  const auto grid = prepare_metric({}, metric, a.input(), a.input());
  EXPECT_EQ(grid.reasons[0],
            "block_0/mean: its lists carry no scores, so nothing is known of ties");
  EXPECT_TRUE(std::isnan(grid.values({})(0, 0)));
}

}  // namespace
}  // namespace consilience::testing
