#include "engine/report/caveats.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <set>

#include "tests/unit/report/planted.h"

namespace consilience::engine {
namespace {

using Ids = std::set<std::string>;

/// A fault planted in a study where no rule fires.
struct Planted {
  std::string id;
  std::function<void(StudyResult&)> plant;
  std::string evidence;  // must be named in the sentence
};

// pairs of the quiet study: 0 trained x trained, 1 trained x twin, 2 twin x trained,
// 3 trained x trivial, 4 trivial x trained
void set_value(PairResult& pair, double value) { pair.score.maximum = value; }

const std::vector<Planted>& faults() {
  static const std::vector<Planted> list{
      {"below_null", [](auto& s) { s.pairs[0].inference.null_largest = .3; }, ".300"},
      {"below_baseline", [](auto& s) { set_value(s.pairs[1], .25); },
       "paraphrase-minilm-l3-random-1 has .250"},
      {"trivial_above", [](auto& s) { set_value(s.pairs[4], .25); }, "colour-histogram"},
      {"baseline_in_interval", [](auto& s) { s.ladders[0].excess_lo = -.019; }, "from −.019"},
      {"small_excess", [](auto& s) { set_value(s.pairs[3], .12); }, "baseline of .120"},
      {"random_twin_passes", [](auto& s) { s.pairs[1].inference.p = s.pairs[1].inference.p_floor; },
       "1 of 2"},
      {"supervised", [](auto& s) { s.models[0].supervised_on = "ImageNet-1k"; }, "ImageNet-1k"},
      {"trained_together", [](auto& s) { s.models[1].family = s.models[0].family; },
       "efficientnet-lite0 × paraphrase-minilm-l3"},
      {"few_samples", [](auto& s) { s.data.valid_rows = 499; }, "499 samples"},
      {"few_points", [](auto& s) { s.curves[0].points.pop_back(); }, "3 points"},
      {"resolution_grows",
       [](auto& s) {
         s.models.push_back(s.models[0]);
         s.models.back().name = "larger";
         s.models.back().parameters *= 2;
         s.models.back().resolution = 260;
       },
       "224 to 260 px"},
      {"few_twins", [](auto& s) { s.twins = 4; }, "4 random-weights twins"},
      {"different_n", [](auto& s) { s.pairs[4].score.n = 900; }, "n = 900"},
      {"undefined_pairs",
       [](auto& s) {
         s.pairs[4].score.best_a = s.pairs[4].score.best_b = -1;
         s.pairs[4].score.reason = "all rows are equal";
       },
       "all rows are equal"},
      {"quantised", [](auto& s) { s.models[1].quantised_from = "Q4_1 GGUF"; }, "Q4_1 GGUF"},
      {"derived", [](auto& s) { s.models[0].derived = "an ONNX file"; }, "an ONNX file"},
      {"noted", [](auto& s) { s.models[0].notes = "collapses"; }, "collapses"},
      {"hubs", [](auto& s) { s.layers[2].facts.max_in_degree = 101; }, "block_1/mean"},
      {"ties", [](auto& s) { s.layers[2].facts.rows_with_ties = 11; }, "11 rows"},
      {"duplicates", [](auto& s) { s.layers[2].facts.exact_duplicates = 1; }, "1 row)"},
      {"clamp_off", [](auto& s) { s.layers[2].facts.clamp_off_sparse = true; }, "block_1/mean"},
      {"undefined_layers", [](auto& s) { s.layers[2].reason = "a zero row"; }, "a zero row"},
      {"edge_layer", [](auto& s) { s.pairs[0].score.best_a = 6; }, "block_5/mean"},
      {"many_layers", [](auto& s) { s.pairs[0].score.grid = Matrix<double>(7, 8); }, "56"},
      {"p_at_floor", [](auto& s) { s.pairs[0].inference.p = s.pairs[0].inference.p_floor; },
       "1 of 1"},
      {"few_permutations", [](auto& s) { s.permutations = 199; }, "199 permutations"},
      {"no_trivial",
       [](auto& s) {
         s.models[4].role = s.models[5].role = "random";
         s.models[4].twin_of = s.models[5].twin_of = "another model";
       },
       "colour histogram"},
      {"large_k",
       [](auto& s) {
         for (auto& pair : s.pairs) pair.score.n = 200;
       },
       "k / (n − 1) = .050"},
      {"mostly_classes", [](auto& s) { s.pairs[0].inference.class_null_mean = .11; }, "beyond"},
      {"no_interval",
       [](auto& s) {
         s.pairs[0].inference.lo = std::numeric_limits<double>::quiet_NaN();
         s.pairs[0].inference.interval_reason = "n is too small to halve";
       },
       "n is too small to halve"},
      {"skipped_samples", [](auto& s) { s.data.bad.emplace_back("cat.jpg", "empty file"); },
       "cat.jpg (empty file)"},
  };
  return list;
}

Ids fired(const StudyResult& study) {
  const StudyView view(study);
  Ids ids;
  for (const auto& caveat : caveats(view)) ids.emplace(caveat.id);
  return ids;
}

class CaveatRules : public ::testing::TestWithParam<Planted> {};

TEST_P(CaveatRules, FiresOnThePlantedStudyAndNotOnItsTwin) {
  StudyResult study = planted::quiet_study();
  ASSERT_EQ(fired(study), Ids{});
  GetParam().plant(study);
  EXPECT_EQ(fired(study), Ids{GetParam().id});
  const StudyView view(study);
  for (const auto& caveat : caveats(view))
    EXPECT_THAT(caveat.evidence, ::testing::HasSubstr(GetParam().evidence));
}

INSTANTIATE_TEST_SUITE_P(All, CaveatRules, ::testing::ValuesIn(faults()),
                         [](const auto& rule) { return rule.param.id; });

TEST(Caveats, EveryRuleHasAPlantedStudy) {
  Ids planted_ids, rules;
  for (const auto& fault : faults()) planted_ids.insert(fault.id);
  for (const auto& rule : caveat_rules()) rules.emplace(rule.id);
  EXPECT_EQ(planted_ids, rules);
  EXPECT_EQ(rules.size(), caveat_rules().size()) << "two rules with one id";
}

TEST(Caveats, WarningsComeFirst) {
  const StudyResult study = planted::realistic_study();
  const StudyView view(study);
  const auto list = caveats(view);
  ASSERT_GE(list.size(), 2U);
  EXPECT_EQ(list.front().severity, Severity::warning);
  EXPECT_EQ(list.back().severity, Severity::note);
  EXPECT_TRUE(std::is_sorted(list.begin(), list.end(), [](const auto& a, const auto& b) {
    return a.severity == Severity::warning && b.severity == Severity::note;
  }));
}

TEST(Caveats, AnEmptyStudyIsNoError) {
  const StudyResult study;
  EXPECT_EQ(fired(study), (Ids{"few_twins", "few_permutations", "no_trivial"}));
}

}  // namespace
}  // namespace consilience::engine
