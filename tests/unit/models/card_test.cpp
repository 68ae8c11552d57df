#include "models/card.h"

#include <gmock/gmock.h>

#include <fstream>
#include <functional>

#include "kernels/base/error.h"
#include "tests/support/source_dir.h"

namespace consilience::models {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;

const fs::path kPackages = source_dir() + "/tests/unit/models/packages";

json read(const fs::path& file) {
  std::ifstream in(file);
  return json::parse(in);
}

/// A copy of a package in a folder of its own, with its card changed.
fs::path changed(const std::string& name, const std::function<void(json&)>& change) {
  const auto* test = testing::UnitTest::GetInstance()->current_test_info();
  const fs::path copy = fs::path(testing::TempDir()) / test->name() / name;
  fs::remove_all(copy);
  fs::create_directories(copy.parent_path());
  fs::copy(kPackages / name, copy);
  json card = read(copy / "card.json");
  change(card);
  std::ofstream(copy / "card.json") << card.dump();
  return copy;
}

std::string refusal(const fs::path& package) {
  try {
    verify_package(package, read_card(package));
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), Failure::never);
    return error.what();
  }
  return "accepted";
}

TEST(Card, ReadsAPackage) {
  const ModelCard card = read_card(kPackages / "tiny-text");
  EXPECT_EQ(card.name, "tiny-text");
  EXPECT_EQ(card.modality, Modality::text);
  ASSERT_EQ(card.layers.size(), 2U);
  EXPECT_EQ(card.layers[1].name, "block_0");
  EXPECT_EQ(card.layers[1].width, 6);
  EXPECT_EQ(card.poolings, (std::vector<std::string>{"first", "last", "mean"}));
  EXPECT_EQ(card.role, Role::random);
  EXPECT_EQ(card.tokens->max_tokens, 16);
  EXPECT_DOUBLE_EQ(card.numbers.at("parameters"), 7);
  EXPECT_NO_THROW(verify_package(kPackages / "tiny-text", card));
}

TEST(Card, TheVocabularyMayBeLeftOut) {
  EXPECT_EQ(read_card(kPackages / "tiny-text").tokens->vocabulary, 0);
  const fs::path said =
      changed("tiny-text", [](json& card) { card["identity"]["tokens"]["vocabulary"] = 32; });
  EXPECT_EQ(read_card(said).tokens->vocabulary, 32);
}

TEST(Card, ReadsWhatAModelHears) {
  const ModelCard card = read_card(kPackages / "tiny-audio");
  EXPECT_EQ(card.modality, Modality::audio);
  EXPECT_EQ(card.audio->sample_rate, 16'000);
  EXPECT_EQ(card.audio->min_samples, 20);
  EXPECT_EQ(card.audio->max_samples, 4'000);
  EXPECT_EQ(card.audio->normalise, "unit");
  const fs::path impossible =
      changed("tiny-audio", [](json& c) { c["identity"]["audio"]["min_samples"] = 4'001; });
  EXPECT_THAT(refusal(impossible), HasSubstr("identity.audio.min_samples"));
}

TEST(Card, IdentityHashEqualsThatOfPython) {
  for (const char* name : {"tiny-text", "tiny-vision", "tiny-audio"}) {
    const ModelCard card = read_card(kPackages / name);
    EXPECT_EQ(card.identity_hash, read(kPackages / name / "expected.json")["identity_hash"]);
    EXPECT_EQ(card.key(), std::string(name) + "@" + card.identity_hash.substr(0, 8));
  }
}

TEST(Card, AboutDoesNotEnterTheHash) {
  const fs::path copy = changed("tiny-text", [](json& card) { card["about"]["notes"] = "new"; });
  EXPECT_EQ(read_card(copy).identity_hash, read_card(kPackages / "tiny-text").identity_hash);
}

TEST(Card, ThePrecisionIsF32UnlessTheCardSaysElse) {
  EXPECT_EQ(read_card(kPackages / "tiny-text").compute, "f32");
  const fs::path copy =
      changed("tiny-text", [](json& card) { card["runtime"]["compute"] = "bf16"; });
  EXPECT_EQ(read_card(copy).compute, "bf16");
}

struct BadCard {
  std::string name;
  std::function<void(json&)> change;
  std::string complaint;
};

class BadCards : public testing::TestWithParam<BadCard> {};

TEST_P(BadCards, AreRefusedByFileAndKey) {
  const fs::path copy = changed("tiny-vision", GetParam().change);
  EXPECT_THAT(refusal(copy), AllOf(HasSubstr(copy.string()), HasSubstr(GetParam().complaint)));
}

INSTANTIATE_TEST_SUITE_P(
    All, BadCards,
    testing::Values(
        BadCard{"missing", [](json& c) { c["identity"].erase("layers"); },
                "key identity.layers is missing"},
        BadCard{"type", [](json& c) { c["identity"]["layers"][1]["width"] = "4"; },
                "key identity.layers[1].width: expected an integer"},
        BadCard{"format", [](json& c) { c["format"] = "consilience-card/9"; }, "key format"},
        BadCard{"float", [](json& c) { c["identity"]["description"]["x"] = 0.5; },
                "identity.description.x"},
        BadCard{"std", [](json& c) { c["identity"]["pixels"]["std"][0] = "0"; },
                "identity.pixels.std"},
        BadCard{"crop", [](json& c) { c["identity"]["pixels"]["crop"] = 11; },
                "identity.pixels.crop"},
        BadCard{"twice", [](json& c) { c["identity"]["layers"][1]["name"] = "block_0"; },
                "identity.layers"},
        BadCard{"path", [](json& c) { c["segments"][0]["file"] = "../model.ts"; },
                "segments[0].file"},
        BadCard{"compute", [](json& c) { c["runtime"]["compute"] = "fp8"; }, "key runtime.compute"},
        BadCard{"digest", [](json& c) { c["segments"][0]["sha256"] = std::string(64, '1'); },
                "expected sha256 1111"}),
    [](const auto& test) { return test.param.name; });

TEST(Card, MissingPackageIsNamed) {
  EXPECT_THAT(refusal("/nowhere/model"), HasSubstr("/nowhere/model/card.json: no such file"));
}

}  // namespace
}  // namespace consilience::models
