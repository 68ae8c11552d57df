#include "engine/zoo.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "engine/base/json.h"
#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

/// A folder of packages that are only cards.
class Zoo : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(::testing::TempDir()) /
              ::testing::UnitTest::GetInstance()->current_test_info()->name();
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  void add(const std::string& name, const std::string& role = "trained", int revision = 0,
           const Json& more_about = Json::object()) {
    const Json identity = {
        {"name", name},
        {"modality", "text"},
        {"tensors_sha256", std::string(64, 'a')},
        {"description", {{"revision", revision}}},
        {"weights", {{"kind", role}}},
        {"layers",
         {{{"name", "embedding"}, {"width", 4}, {"kind", "embedding"}, {"normed", false}}}},
        {"dtype", "f32"},
        {"poolings", {"mean"}},
        {"scalars", Json::array()},
        {"tokens",
         {{"tokenizer_sha256", std::string(64, 'b')},
          {"max_tokens", 8},
          {"padding_id", 0},
          {"padding_side", "right"},
          {"special_tokens", ""}}},
        {"error_bound", {{"absolute", "1e-5"}, {"relative", "1e-4"}}}};
    Json card = {
        {"format", "consilience-card/1"},
        {"identity", identity},
        {"segments", {{{"file", "model.ts"}, {"sha256", std::string(64, 'c')}, {"bytes", 1}}}},
        {"runtime", {{"freeze", false}, {"channels_last", false}}},
        {"about", {{"family", "F"}, {"role", role}}}};
    card["about"].update(more_about);
    const fs::path package = folder_ / (name + "@" + hash_of(identity).substr(0, 8));
    fs::create_directories(package);
    std::ofstream(package / "card.json") << card.dump();
  }

  std::vector<std::string> names(const std::vector<ModelRequest>& requests) {
    std::vector<std::string> out;
    for (const auto& model : resolve_models(requests, folder_)) out.push_back(model.card.name);
    return out;
  }

  fs::path folder_;
};

TEST_F(Zoo, AModelComesWithItsTwins) {
  add("a");
  add("a.random-1", "random");
  add("a.random-2", "random");
  EXPECT_THAT(names({{"a", 2}}), ElementsAre("a", "a.random-1", "a.random-2"));
  EXPECT_THAT(names({{"a", 0}}), ElementsAre("a"));
}

TEST_F(Zoo, ATrivialEncoderHasNoTwins) {
  add("words", "trivial");
  EXPECT_THAT(names({{"words", 5}}), ElementsAre("words"));
}

TEST_F(Zoo, FamiliesAndPathsAreResolved) {
  for (const auto& name : family_members("minilm")) add(name);
  EXPECT_THAT(names({{"zoo:minilm", 0}}), ElementsAre("minilm-l3", "minilm-l6"));
  const auto first = list_packages(folder_).front();
  EXPECT_THAT(names({{first.package.string(), 0}}), ElementsAre("minilm-l3"));
  EXPECT_THAT(names({{first.card.key(), 0}}), ElementsAre("minilm-l3"));
}

TEST_F(Zoo, MissingPackagesAreAllNamedWithTheCommandThatMakesThem) {
  add("a");
  EXPECT_THAT(
      [&] {
        names({{"a", 1}, {"b", 1}});
      },
      ThrowsMessage<Error>(AllOf(
          HasSubstr("a.random-1, b, b.random-1"),
          HasSubstr("; make them: consilience models import b --twins 1"),
          HasSubstr("; import again with --twins 1 what a was made from, or set twins = 0"))));
}

TEST_F(Zoo, AModelOfTheZooIsMadeByItsNameAlsoWhereOnlyItsTwinIsMissing) {
  add("minilm-l3");
  EXPECT_THAT(
      [&] {
        names({{"minilm-l3", 2}});
      },
      ThrowsMessage<Error>(AllOf(HasSubstr("consilience models import minilm-l3 --twins 2"),
                                 ::testing::Not(HasSubstr("import again")))));
}

TEST_F(Zoo, OfManyMissingPackagesTheFirstAreNamed) {
  EXPECT_THAT(
      [&] {
        names({{"zoo:prh-fig3", 0}});
      },
      ThrowsMessage<Error>(HasSubstr(" and 24 more; make them: ")));
}

TEST_F(Zoo, AnArtefactWithoutAnOriginalNeedsNoTwins) {
  add("mine", "trained", 0, {{"measured_error", nullptr}});
  EXPECT_THAT(names({{"mine", 1}}), ElementsAre("mine"));
  const auto package = list_packages(folder_).front().package.string();
  EXPECT_THAT(names({{package, 1}}), ElementsAre("mine"));
  add("mine.random-1", "random");
  EXPECT_THAT(names({{"mine", 1}}), ElementsAre("mine", "mine.random-1"));
}

TEST_F(Zoo, UnknownFamiliesAndModelsNamedTwiceAreRefused) {
  add("a");
  EXPECT_THAT(
      [&] {
        names({{"zoo:minilmm", 0}});
      },
      ThrowsMessage<Error>(HasSubstr("did you mean 'minilm'?")));
  EXPECT_THAT(
      [&] {
        names({{"a", 0}, {"a", 0}});
      },
      ThrowsMessage<Error>(HasSubstr("asked for twice")));
}

TEST_F(Zoo, TwoPackagesOfOneNameHaveToBeToldApart) {
  add("a", "trained", 0);
  add("a", "trained", 1);
  EXPECT_THAT([&] { names({{"a", 0}}); }, ThrowsMessage<Error>(HasSubstr("has two packages")));
}

}  // namespace
}  // namespace consilience::engine
