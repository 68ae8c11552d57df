#include "engine/report/tables.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>

#include "engine/report/format.h"
#include "tests/unit/report/planted.h"

namespace consilience::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// A plain RFC 4180 reader: records of fields.
std::vector<std::vector<std::string>> read_csv(const std::string& text) {
  std::vector<std::vector<std::string>> records(1);
  std::string field;
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '"' && i + 1 < text.size() && text[i + 1] == '"')
        field += text[++i];
      else if (c == '"')
        quoted = false;
      else
        field += c;
    } else if (c == '"') {
      quoted = true;
    } else if (c == ',' || c == '\n') {
      if (c == '\n' && !field.empty() && field.back() == '\r') field.pop_back();
      records.back().push_back(std::exchange(field, ""));
      if (c == '\n') records.emplace_back();
    } else {
      field += c;
    }
  }
  EXPECT_TRUE(records.back().empty()) << "the last record has no line end";
  records.pop_back();
  return records;
}

PairResult small_pair() {
  PairResult pair;
  pair.score.model_a = "a";
  pair.score.model_b = "b";
  pair.score.layers_a = {"block_0/mean", "block_1/mean"};
  pair.score.layers_b = {"head/first"};
  pair.score.n = 1000;
  pair.score.conditioning = "clamp=0.95/layer, l2";
  pair.score.chance = 10.0 / 999;
  pair.score.grid = Matrix<double>(2, 1);
  pair.score.grid(0, 0) = .1;
  pair.score.grid(1, 0) = .25;
  pair.score.reasons = {"", ""};
  pair.score.best_a = 1;
  pair.score.best_b = 0;
  pair.score.maximum = .25;
  pair.inference.null_mean = .0125;
  pair.inference.p = pair.inference.p_floor = 1.0 / 201;
  pair.inference.p_bh = .01;
  pair.inference.p_fwer = .02;
  pair.inference.lo = .24;
  pair.inference.hi = .26;
  pair.inference.interval = "half-splits(25)";
  return pair;
}

TEST(ScoresCsv, HasTheColumnsOfTheTidyTableInTheirOrder) {
  EXPECT_EQ(scores_csv({}),
            "model_a,layer_a,pool_a,model_b,layer_b,pool_b,metric,params,n,k,conditioning,value,"
            "chance,null_mean,null_sd,p,p_floor,p_bh,p_fwer,twin,lo,hi,interval,reason\r\n");
}

TEST(ScoresCsv, OnlyTheMaximumCarriesNullAndInterval) {
  StudyResult study;
  study.pairs.push_back(small_pair());
  const auto records = read_csv(scores_csv(tidy_rows(study)));
  ASSERT_EQ(records.size(), 3U);
  EXPECT_THAT(records[1],
              ElementsAre("a", "block_0", "mean", "b", "head", "first", "mutual_knn", "k=10",
                          "1000", "10", "clamp=0.95/layer, l2", "0.1", "0.01001001001001001", "",
                          "", "", "", "", "", "", "", "", "", ""));
  EXPECT_THAT(records[2],
              ElementsAre("a", "block_1", "mean", "b", "head", "first", "mutual_knn", "k=10",
                          "1000", "10", "clamp=0.95/layer, l2", "0.25", "0.01001001001001001",
                          "0.0125", "", "0.004975124378109453", "0.004975124378109453", "0.01",
                          "0.02", "", "0.24", "0.26", "half-splits(25)", ""));
}

TEST(ScoresCsv, AnUndefinedCellIsEmptyWithItsReason) {
  StudyResult study;
  study.pairs.push_back(small_pair());
  study.pairs[0].score.grid(0, 0) = std::numeric_limits<double>::quiet_NaN();
  study.pairs[0].score.reasons[0] = "a: all rows, every one, are equal";
  const auto records = read_csv(scores_csv(tidy_rows(study)));
  EXPECT_EQ(records[1][11], "");
  EXPECT_EQ(records[1][23], "a: all rows, every one, are equal");
}

TEST(ScoresCsv, APairWithoutLayersKeepsOneRow) {
  StudyResult study;
  study.pairs.emplace_back();
  study.pairs[0].score.model_a = "a";
  study.pairs[0].score.model_b = "b";
  study.pairs[0].score.reason = "k = 10 needs at least 11 rows, found 8";
  const auto records = read_csv(scores_csv(tidy_rows(study)));
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[1][11], "");
  EXPECT_EQ(records[1][23], "k = 10 needs at least 11 rows, found 8");
}

TEST(ScoresCsv, NamesTheTwinSide) {
  const auto rows = tidy_rows(planted::quiet_study());
  std::set<std::string> twins;
  for (const auto& row : rows) twins.insert(row.twin);
  EXPECT_THAT(twins, ElementsAre("", "a", "b"));
}

TEST(ScoresCsv, NumbersReadBackTheSame) {
  const auto rows = tidy_rows(planted::realistic_study());
  const auto records = read_csv(scores_csv(rows));
  ASSERT_EQ(records.size(), rows.size() + 1);
  for (size_t i = 0; i < rows.size(); ++i) {
    ASSERT_EQ(records[i + 1].size(), 24U);
    if (std::isnan(rows[i].value))
      EXPECT_EQ(records[i + 1][11], "");
    else
      EXPECT_EQ(std::stod(records[i + 1][11]), rows[i].value);
  }
}

TEST(ScoresJson, SaysTheSameAsTheCsv) {
  const auto rows = tidy_rows(planted::realistic_study());
  const auto records = read_csv(scores_csv(rows));
  const auto json = nlohmann::ordered_json::parse(scores_json(rows));
  ASSERT_EQ(json.size(), rows.size());
  for (size_t i = 0; i < rows.size(); i += 97) {
    size_t column = 0;
    for (const auto& [key, value] : json[i].items()) {
      ASSERT_EQ(key, records[0][column]);
      const auto& text = records[i + 1][column++];
      if (value.is_null())
        EXPECT_EQ(text, "");
      else if (value.is_string())
        EXPECT_EQ(text, value.get<std::string>());
      else
        EXPECT_EQ(std::stod(text), value.get<double>());
    }
    EXPECT_EQ(column, 24U);
  }
}

TEST(ScoresJson, SurvivesBytesThatAreNoText) {
  const auto json = scores_json(tidy_rows(planted::hostile_study()));
  EXPECT_TRUE(nlohmann::json::accept(json));
}

TEST(ScoresCsv, QuotesHostileNames) {
  const auto study = planted::hostile_study();
  const auto rows = tidy_rows(study);
  const auto records = read_csv(scores_csv(rows));
  ASSERT_EQ(records.size(), rows.size() + 1);
  for (size_t i = 0; i < rows.size(); ++i) {
    ASSERT_EQ(records[i + 1].size(), 24U);
    EXPECT_EQ(records[i + 1][3], rows[i].model_b);
  }
}

TEST(PairsCsv, HoldsTheMaximumAgainstItsHighestBaseline) {
  auto study = planted::quiet_study();
  study.pairs[3].score.maximum = .06;  // bag-of-words for the text model
  const auto records = read_csv(pairs_csv(study));
  ASSERT_EQ(records.size(), study.pairs.size() + 1);
  const auto column = [&](const std::string& name) {
    const auto at = std::find(records[0].begin(), records[0].end(), name);
    return static_cast<size_t>(at - records[0].begin());
  };
  const auto& trained = records[1];
  EXPECT_EQ(trained[column("model_a")], "efficientnet-lite0");
  EXPECT_EQ(trained[column("model_b")], "paraphrase-minilm-l3");
  EXPECT_EQ(trained[column("baseline")], "0.06");
  EXPECT_EQ(trained[column("baseline_b")], "bag-of-words");
  EXPECT_EQ(std::stod(trained[column("maximum")]), study.pairs[0].score.maximum);
  EXPECT_EQ(trained[column("layer_pairs")], "49");
  EXPECT_EQ(records[2][column("baseline")], "") << "a baseline has no baseline";
}

TEST(PairsCsv, CarriesTheLadderAndPOverAllPairs) {
  auto study = planted::quiet_study();
  study.pairs[0].inference.class_null_mean = .09;
  const auto records = read_csv(pairs_csv(study));
  const auto field = [&](size_t row, const std::string& name) {
    const auto at = std::find(records[0].begin(), records[0].end(), name);
    return records[row].at(static_cast<size_t>(at - records[0].begin()));
  };
  const auto& inference = study.pairs[0].inference;
  EXPECT_EQ(std::stod(field(1, "p_bh")), inference.p_bh);
  EXPECT_EQ(std::stod(field(1, "p_fwer")), inference.p_fwer);
  EXPECT_EQ(field(1, "class_null_mean"), "0.09");
  EXPECT_EQ(field(1, "ladder_highest"), study.ladders[0].highest);
  EXPECT_EQ(std::stod(field(1, "ladder_excess")), study.ladders[0].excess);
  EXPECT_EQ(std::stod(field(1, "ladder_excess_lo")), study.ladders[0].excess_lo);
  EXPECT_EQ(field(2, "ladder_excess"), "") << "a baseline has no ladder";
}

TEST(PairsCsv, TheExcessOfADistanceIsHowMuchSmallerItIs) {
  const auto study = planted::other_metrics_study();
  const auto records = read_csv(pairs_csv(study));
  const auto column = [&](const std::string& name) {
    const auto at = std::find(records[0].begin(), records[0].end(), name);
    return static_cast<size_t>(at - records[0].begin());
  };
  ASSERT_EQ(records[1][column("metric")], "procrustes_distance");
  EXPECT_NEAR(std::stod(records[1][column("excess_over_baseline")]),
              std::stod(records[1][column("baseline")]) - std::stod(records[1][column("maximum")]),
              1e-12);
  EXPECT_GT(std::stod(records[1][column("excess_over_baseline")]), 0);
}

TEST(TerminalTables, AlignsThePlainTable) {
  const auto text = terminal_tables(planted::quiet_study());
  EXPECT_THAT(text, HasSubstr("mutual_knn(k=10, n=1000, clamp=0.95/layer, l2)"));
  std::istringstream lines(text);
  std::string line;
  int64_t head = 0;
  int rows = 0;
  while (std::getline(lines, line)) {
    if (line.starts_with("vision × text")) head = text_width(line);
    if (!line.starts_with("efficientnet-lite0 ") || line.find(" x ") != std::string::npos) continue;
    ++rows;
    EXPECT_EQ(text_width(line), head);
    EXPECT_THAT(line, HasSubstr(".200"));
  }
  EXPECT_EQ(rows, 1);
}

TEST(TerminalTables, SaysSoWhenNothingWasCompared) {
  EXPECT_EQ(terminal_tables(StudyResult{}), "no pair of models was compared\n");
}

}  // namespace
}  // namespace consilience::engine
