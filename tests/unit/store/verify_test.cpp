#include "engine/store/verify.h"

#include <gtest/gtest.h>

#include "engine/base/hash.h"
#include "engine/store/feature_writer.h"
#include "engine/store/list.h"
#include "tests/unit/store/scratch.h"

namespace consilience::engine {
namespace {

/// Features of 3 rows, two scores that share their data, and a model package.
std::string fill(const Store& store) {
  FeatureRecipe recipe;
  recipe.model = "toy";
  recipe.slots = {{"embedding", "mean", 2}};
  recipe.rows = 3;
  FeatureWriter writer(store, recipe, {1, 0, 1});
  writer.accept({0, 3, {Matrix<float>(3, 2, 1)}, {}, {}});
  const std::vector<float> x{1, 2};
  for (const char* name : {"scores/a.json", "scores/b.json"})
    store.commit_record(name, {{"name", name}}, {tensor("x", {2}, x)});

  const Json identity = {{"name", "toy"}, {"tokens", {{"tokenizer_sha256", sha256_hex("tok")}}}};
  const std::filesystem::path package =
      store.root() / "models" / ("toy@" + hash_of(identity).substr(0, 8));
  std::filesystem::create_directories(package);
  write_text(package / "model.ts", "archive");
  write_text(package / "tokenizer.json", "tok");
  write_text(
      package / "card.json",
      canonical_json({{"identity", identity},
                      {"segments", {{{"file", "model.ts"}, {"sha256", sha256_hex("archive")}}}}}));
  return writer.key();
}

TEST(VerifyStore, WholeStoreHasNoProblems) {
  const Scratch scratch;
  const Store store(scratch / "s");
  fill(store);
  int64_t seen = 0;
  const StoreCheck check = verify_store(store, [&](int64_t bytes) { seen += bytes; });
  EXPECT_TRUE(check.problems.empty());
  EXPECT_TRUE(check.unreferenced.empty());
  EXPECT_EQ(check.bytes, seen);
  // manifest, rows, 2 scores; 3 data (one read for either score); archive, tokenizer
  EXPECT_EQ(check.files, 4 + 3 + 2);
}

// Each file in turn: a changed bit is found, and so is a file that is gone.
TEST(VerifyStore, EveryChangedBitIsFound) {
  const Scratch scratch;
  const Store store(scratch / "s");
  fill(store);
  const auto whole = contents(store.root());
  int files = 0;
  for (const auto& [name, bytes] : whole) {
    if (name.ends_with(".json")) continue;
    ++files;
    std::string bad = bytes;
    bad.back() = static_cast<char>(bad.back() ^ 4);  // a value: only the digest can tell
    write_text(store.root() / name, bad);
    const StoreCheck changed = verify_store(store);
    EXPECT_FALSE(changed.problems.empty()) << name;
    std::filesystem::remove(store.root() / name);
    EXPECT_FALSE(verify_store(store).problems.empty()) << name;
    write_text(store.root() / name, bytes);
  }
  EXPECT_EQ(files, 3);  // features, scores, archive
  EXPECT_TRUE(verify_store(store).problems.empty());
}

TEST(VerifyStore, NamesTheFileAndGoesOn) {
  const Scratch scratch;
  const Store store(scratch / "s");
  const std::string key = fill(store);
  write_text(store.root() / "scores/a.json", "{\"cut");
  std::filesystem::remove(store.root() / chunk_record_name(key, 0));
  const StoreCheck check = verify_store(store);
  ASSERT_EQ(check.problems.size(), 2U);
  EXPECT_EQ(check.problems[0].file, "scores/a.json");
  EXPECT_EQ(check.problems[1].file, "features/" + key);
  ASSERT_EQ(check.unreferenced.size(), 1U);  // the scores share theirs; the chunk lost its record
  EXPECT_TRUE(check.unreferenced[0].starts_with("features/" + key + "/"));
}

TEST(VerifyStore, OtherWeightsUnderTheSameCardAreFound) {
  const Scratch scratch;
  const Store store(scratch / "s");
  fill(store);
  const std::filesystem::path package = store.find_packages("toy").at(0);
  write_text(package / "tokenizer.json", "TOK");
  const StoreCheck check = verify_store(store);
  ASSERT_EQ(check.problems.size(), 1U);
  EXPECT_EQ(check.problems[0].what, (package / "tokenizer.json").string() +
                                        ": damaged: its sha256 is " + sha256_hex("TOK") +
                                        ", its card says " + sha256_hex("tok"));
}

TEST(ListStore, ALineAThing) {
  const Scratch scratch;
  const Store store(scratch / "s");
  EXPECT_TRUE(list_store(store).empty());
  const std::string key = fill(store);
  const std::vector<StoreEntry> entries = list_store(store);
  ASSERT_EQ(entries.size(), 3U);
  EXPECT_EQ(entries[0].kind, "models");
  EXPECT_EQ(entries[0].items, 3);
  EXPECT_EQ(entries[1].kind, "features");
  EXPECT_EQ(entries[1].name, key);
  EXPECT_EQ(entries[1].items, 1);
  EXPECT_EQ(entries[1].rows, 3);
  EXPECT_GT(entries[1].bytes, 24);
  EXPECT_EQ(entries[1].note, "");
  EXPECT_EQ(entries[2].kind, "scores");
  EXPECT_EQ(entries[2].items, 2);
  std::filesystem::remove(store.root() / chunk_record_name(key, 0));
  EXPECT_EQ(list_store(store)[1].note, "0 of 1 chunks");
}

}  // namespace
}  // namespace consilience::engine
