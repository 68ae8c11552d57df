#include "engine/text/token_packs.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>

#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

/// A stand-in for Python: a script that does what the test says with its arguments.
class TokenPacks : public testing::Test {
 protected:
  void SetUp() override {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    root_ = fs::path(testing::TempDir()) / "token_packs" / test->name();
    fs::remove_all(root_);
    fs::create_directories(root_ / "tmp");
    fs::create_directories(root_ / "packs");
  }
  void TearDown() override { unsetenv("CONSILIENCE_PYTHON"); }

  void python_does(const std::string& script) const {
    const fs::path file = root_ / "python";
    std::ofstream(file) << "#!/bin/sh\n" << script << "\n";
    chmod(file.c_str(), 0755);
    setenv("CONSILIENCE_PYTHON", file.c_str(), 1);
  }

  [[nodiscard]] TokenPack obtain() const {
    return obtain_token_pack(job_, root_ / "packs", root_ / "tmp",
                             [](const fs::path&) { return good(); });
  }

  static TokenPack good() { return {{5, 6, 7}, {0, 2, 3}, {2, 3}, {0, 0}}; }

  fs::path root_;
  TokenizeJob job_{"t.json", std::string(64, 'a'), 4, 8, {"ab", "é!"}};
};

TEST_F(TokenPacks, MadeOnceWithTheArgumentsOfTheContract) {
  python_does("echo run \"$@\" >> " + (root_ / "log").string() + "; touch \"${11}\"");
  EXPECT_EQ(obtain().ids.size(), 3U);
  EXPECT_EQ(obtain().ids.size(), 3U);
  std::ifstream log(root_ / "log");
  std::string line;
  std::getline(log, line);
  EXPECT_THAT(line, HasSubstr("-m consilience_export tokenize --tokenizer t.json --captions "));
  EXPECT_THAT(line, HasSubstr(" --max-tokens 4 --out "));
  EXPECT_FALSE(std::getline(log, line)) << "tokenized twice";
  EXPECT_TRUE(fs::exists(root_ / "packs" / token_pack_name(job_)));
  EXPECT_TRUE(fs::is_empty(root_ / "tmp"));
}

TEST_F(TokenPacks, WhatPythonRefusedIsSaid) {
  python_does("echo 'noise' >&2; echo 't.json: not a tokenizer' >&2; exit 3");
  try {
    static_cast<void>(obtain());
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), Failure::never);
    EXPECT_THAT(error.what(), HasSubstr("t.json: not a tokenizer"));
  }
  EXPECT_TRUE(fs::is_empty(root_ / "tmp"));
  EXPECT_TRUE(fs::is_empty(root_ / "packs"));
}

TEST_F(TokenPacks, NameCoversTokenizerCaptionsAndLength) {
  TokenizeJob other = job_;
  other.captions[1] = "e!";
  EXPECT_NE(token_pack_name(other), token_pack_name(job_));
  other = job_;
  other.max_tokens = 5;
  EXPECT_NE(token_pack_name(other), token_pack_name(job_));
  other = job_;
  other.tokenizer_sha256[0] = 'b';
  EXPECT_NE(token_pack_name(other), token_pack_name(job_));
}

TEST_F(TokenPacks, PacksThatDoNotFitAreRefused) {
  EXPECT_NO_THROW(check_token_pack(good(), job_, "pack"));
  const auto refused = [&](auto change) {
    TokenPack pack = good();
    change(pack);
    EXPECT_THROW(check_token_pack(pack, job_, "pack"), Error);
  };
  refused([](TokenPack& p) { p.bytes.pop_back(); });
  refused([](TokenPack& p) { p.bytes[1] = 2; });
  refused([](TokenPack& p) { p.offsets[2] = 2; });
  refused([](TokenPack& p) { p.offsets[1] = 3; });
  refused([](TokenPack& p) { p.offsets[1] = 900; });
  refused([](TokenPack& p) { p.ids[0] = -1; });
  refused([](TokenPack& p) { p.truncated.pop_back(); });
  refused([](TokenPack& p) { p.truncated[1] = 1, p.bytes[1] = 4; });
  EXPECT_NO_THROW(check_token_pack({{5, 6, 7}, {0, 2, 3}, {2, 1}, {0, 1}}, job_, "pack"));
}

TEST_F(TokenPacks, ATokenizerOfAnotherModelIsTold) {
  TokenizeJob other = job_;
  other.vocabulary = 7;
  try {
    check_token_pack(good(), other, "pack");
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(),
                HasSubstr("t.json: gives token id 7, and the model's vocabulary has 7"));
  }
  other.vocabulary = 0;
  EXPECT_NO_THROW(check_token_pack(good(), other, "pack"));
}

TEST_F(TokenPacks, APythonThatIsNotThereIsToldWithWhatToDo) {
  const auto said = [&](const std::string& what) {
    try {
      static_cast<void>(obtain());
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), Failure::never);
      EXPECT_THAT(error.what(), HasSubstr(what));
      EXPECT_THAT(error.what(), HasSubstr("pip install models/export"));
      return;
    }
    FAIL();
  };
  setenv("CONSILIENCE_PYTHON", "/nowhere/python", 1);
  said("/nowhere/python: no such Python");
  python_does("echo \"$0: No module named consilience_export\" >&2; exit 1");
  said("No module named consilience_export");
}

TEST(CaptionsOf, BadRowsGetAStandIn) {
  DataSet data;
  data.samples = {{"a", "", "words", "", ""}, {"b", "", "", "", ""}};
  data.valid = {1, 0};
  EXPECT_EQ(captions_of(data), (std::vector<std::string>{"words", "x"}));
}

}  // namespace
}  // namespace consilience::engine
