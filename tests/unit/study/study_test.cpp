#include "engine/study.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/metrics/metric.h"
#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

const std::string kSmallest = R"(name = "s"
[data]
source = "emoji-things"
[[models]]
use = "zoo:minilm"
)";

std::string refusal(const std::string& text) {
  try {
    (void)parse_study(text, "s.toml");
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), Failure::usage);
    return error.what();
  }
  return "accepted";
}

TEST(Study, TheTemplateSaysTheDefaults) {
  const Study written = parse_study(study_template(), "template");
  std::string smallest = kSmallest;
  smallest.replace(smallest.find("\"s\""), 3, "\"my-study\"");
  Study defaults = parse_study(smallest, "s.toml");
  defaults.models = written.models;
  EXPECT_EQ(study_json(written), study_json(defaults));
}

TEST(Study, ReadsWhatIsWritten) {
  const Study study = parse_study(kSmallest + R"toml(twins = 3
[features]
layers = ["block_0", "head"]
poolings = { vision = ["first", "mean"] }
[conditioning]
preset = "prh-paper"
scale = "none"
[metrics]
list = ["mutual_knn(k=5)", "mutual_knn(k=20)"]
pairs = [["a", "b"], ["c", "d"]]
[store]
keep = "scores"
)toml",
                                  "s.toml");
  EXPECT_EQ(study.models[0].twins, 3);
  EXPECT_EQ(study.features.layers, "names");
  EXPECT_EQ(study.features.layer_names.size(), 2u);
  EXPECT_EQ(study.features.poolings.at("vision").size(), 2u);
  EXPECT_EQ(study.features.poolings.at("text").size(), 1u);
  EXPECT_EQ(study.conditioning.clamp_scope, ClampScope::model);
  EXPECT_EQ(study.conditioning.scale, Scale::none);
  EXPECT_EQ(study.metrics.list[1].k(), 20);
  EXPECT_EQ(study.metrics.named_pairs[1].second, "d");
  EXPECT_EQ(study.store.keep, "scores");
}

TEST(Study, ABatchIsOpenOrBothSizes) {
  const std::string head = kSmallest + "[features]\n";
  const Study open = parse_study(head + "batch = \"auto\"\n", "s.toml");
  EXPECT_EQ(study_json(open), study_json(parse_study(kSmallest, "s.toml")));
  const Study given = parse_study(head + "batch = { pictures = 64, tokens = 8192 }\n", "s.toml");
  EXPECT_EQ(given.features.pictures, 64);
  EXPECT_EQ(given.features.tokens, 8192);
  EXPECT_NE(study_json(given), study_json(open));
  for (const char* bad : {"\"all\"", "{ pictures = 64 }", "{ tokens = 1 }", "64"})
    EXPECT_THAT(refusal(head + "batch = " + bad + "\n"), HasSubstr("batch"));
  EXPECT_THAT(refusal(head + "batch = { pictures = 0, tokens = 1 }\n"), HasSubstr("pictures"));
}

TEST(Study, ThePrecisionIsOneOfFour) {
  for (const char* compute : {"f32", "bf16", "f16", "card"})
    EXPECT_EQ(parse_study(kSmallest + fmt::format("[features]\ncompute = \"{}\"\n", compute), "s")
                  .features.compute,
              compute);
  EXPECT_THAT(refusal(kSmallest + "[features]\ncompute = \"fp8\"\n"),
              AllOf(HasSubstr("compute must be one of"), HasSubstr("not \"fp8\"")));
  EXPECT_THAT(refusal(kSmallest + "[features]\nstore = \"card\"\n"), HasSubstr("store must be"));
}

struct Bad {
  std::string name;
  std::string text;
  std::string line;
  std::string says;
};

class BadStudies : public ::testing::TestWithParam<Bad> {};

TEST_P(BadStudies, AreRefusedWithKeyAndLine) {
  const std::string message = refusal(GetParam().text);
  EXPECT_THAT(message, AllOf(HasSubstr("s.toml, line " + GetParam().line + ":"),
                             HasSubstr(GetParam().says)));
}

INSTANTIATE_TEST_SUITE_P(
    Study, BadStudies,
    ::testing::Values(
        Bad{"UnknownKey", kSmallest + "[inference]\npermutation = 5\n", "7",
            "inference.permutation (did you mean 'permutations'?)"},
        Bad{"UnknownTable", kSmallest + "[metric]\nlist = [\"mutual_knn\"]\n", "6",
            "metric (did you mean 'metrics'?)"},
        Bad{"WrongType", kSmallest + "[inference]\npermutations = \"many\"\n", "7",
            "inference.permutations must be a whole number, not a text"},
        Bad{"OutOfRange", kSmallest + "[conditioning]\nclamp = 1.5\n", "7",
            "conditioning.clamp must be between 0 and 1"},
        Bad{"NotAChoice", kSmallest + "[conditioning]\nscale = \"L2\"\n", "7",
            "must be one of \"none\", \"l2\", not \"L2\""},
        Bad{"UnknownMetric", kSmallest + "[metrics]\nlist = [\"mutual_nn\"]\n", "7",
            "metrics.list"},
        Bad{"PoolingThatIsNoText", kSmallest + "[features]\npoolings = [1]\n", "7",
            "features.poolings"},
        Bad{"NegativeTwins", kSmallest + "twins = -1\n", "6", "models.twins"},
        Bad{"ModelWithoutUse", kSmallest + "[[models]]\ntwins = 1\n", "6", "models.use is needed"},
        Bad{"NoModels", "name = \"s\"\n[data]\nsource = \"x\"\n", "1", "models is needed"},
        Bad{"NoSource", "name = \"s\"\n[data]\nlimit = 3\n[[models]]\nuse = \"x\"\n", "2",
            "data.source is needed"},
        Bad{"NameIsAPath", "name = \"../s\"\n[data]\nsource = \"x\"\n[[models]]\nuse = \"x\"\n",
            "1", "name"},
        Bad{"NotToml", "name = \n", "1", "not TOML"}),
    [](const auto& bad) { return bad.param.name; });

}  // namespace
}  // namespace consilience::engine
