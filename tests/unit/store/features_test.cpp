#include <gtest/gtest.h>

#include <cmath>

#include "engine/store/feature_writer.h"
#include "engine/store/stored_features.h"
#include "engine/store/verify.h"
#include "engine/store/widen.h"
#include "tests/unit/store/scratch.h"

namespace consilience::engine {
namespace {

// 1 Mi values a row in all, so that a chunk is 16 rows.
constexpr int64_t kWide = (1 << 20) - 3;

FeatureRecipe recipe(Dtype dtype = Dtype::f32) {
  FeatureRecipe result;
  result.model = "toy";
  result.inputs = {{"data", "d@1"}, {"identity", "i"}};
  result.slots = {{"embedding", "mean", 3}, {"block_0", "mean", kWide}};
  result.scalars = {"nll", "tokens"};
  result.rows = 20;
  result.dtype = dtype;
  return result;
}

float value(int64_t slot, int64_t row, int64_t column) {
  return static_cast<float>(slot * 1000 + row) + static_cast<float>(column % 7) / 8;
}

FeatureChunk chunk(int64_t first, int64_t rows) {
  FeatureChunk result{first, rows, {}, {"nll", "tokens"}, Matrix<float>(rows, 2)};
  int64_t slot = 0;
  for (const int64_t width : {int64_t{3}, kWide}) {
    Matrix<float>& x = result.slots.emplace_back(rows, width);
    for (int64_t i = 0; i < rows; ++i)
      for (int64_t f = 0; f < width; ++f) x(i, f) = value(slot, first + i, f);
    ++slot;
  }
  for (int64_t i = 0; i < rows; ++i) {
    result.scalars(i, 0) = static_cast<float>(first + i) / 2;
    result.scalars(i, 1) = static_cast<float>(first + i);
  }
  return result;
}

std::vector<uint8_t> mask() {
  std::vector<uint8_t> valid(20, 1);
  valid[2] = valid[16] = 0;
  return valid;
}

TEST(ChunkRows, PowerOfTwoOfAtMost64MiB) {
  EXPECT_EQ(chunk_rows(1 << 20), 16);
  EXPECT_EQ(chunk_rows((1 << 20) + 1), 8);
  EXPECT_EQ(chunk_rows(25 * 1024), 512);
  EXPECT_EQ(chunk_rows(384), 32768);
  EXPECT_EQ(chunk_rows(int64_t{1} << 30), 1);
}

TEST(Features, RoundTripOfTheValidRows) {
  const Scratch scratch;
  const Store store(scratch / "s");
  FeatureWriter writer(store, recipe(), mask(), {{"torch", "2.11.0"}});
  EXPECT_EQ(writer.chunk_rows(), 16);
  EXPECT_FALSE(writer.has_chunk(0));
  writer.accept(chunk(0, 16));
  EXPECT_TRUE(writer.has_chunk(0));
  EXPECT_FALSE(writer.complete());
  EXPECT_EQ(error_of([&] { const StoredFeatures features(store, writer.key()); }),
            "3: features " + writer.key() + ": incomplete: no features/" + writer.key() +
                "/rows-000000016.json: run the extraction again");
  writer.accept(chunk(16, 4));
  EXPECT_TRUE(writer.complete());

  const StoredFeatures features(store, writer.key());
  ASSERT_EQ(features.rows(), 18);
  EXPECT_EQ(features.slots()[1].name(), "block_0/mean");
  EXPECT_EQ(features.valid_rows()[2], 3);
  EXPECT_EQ(features.valid_rows()[15], 17);
  const Matrix<float> x = read_all(features, 0);
  for (int64_t i = 0; i < features.rows(); ++i)
    for (int64_t f = 0; f < 3; ++f)
      EXPECT_EQ(x(i, f), value(0, features.valid_rows()[static_cast<size_t>(i)], f));
  Matrix<float> part(4, kWide);  // over the border of the chunks, and both bad rows' neighbours
  features.read(1, 13, 17, part.view());
  for (int64_t i = 0; i < 4; ++i)
    EXPECT_EQ(part(i, 6), value(1, features.valid_rows()[static_cast<size_t>(13 + i)], 6));
  EXPECT_EQ(features.scalar("nll")[15], 8.5F);
  EXPECT_EQ(error_of([&] { (void)features.scalar("bytes"); }),
            "3: features toy: no scalar bytes: there are [nll, tokens]");
}

TEST(Features, SameBytesTwiceAndInAnyOrder) {
  const Scratch scratch;
  std::string key, digest;
  for (const bool forwards : {true, false}) {
    const Store store(scratch / (forwards ? "one" : "two"));
    FeatureWriter writer(store, recipe(), mask());
    for (const int64_t first : forwards ? std::vector<int64_t>{0, 16} : std::vector<int64_t>{16, 0})
      writer.accept(chunk(first, first == 0 ? 16 : 4));
    if (forwards) digest = StoredFeatures(store, writer.key()).digest();
    EXPECT_EQ(StoredFeatures(store, writer.key()).digest(), digest);
  }
  EXPECT_TRUE(contents(scratch / "one") == contents(scratch / "two"));
}

TEST(Features, DigestCoversValuesMaskAndRecipe) {
  const Scratch scratch;
  const Store store(scratch / "s");
  FeatureRecipe small = recipe();
  small.slots = {{"embedding", "mean", 2}};
  small.scalars = {};
  small.rows = 2;
  const auto digest = [&](const std::string& name, float last, uint8_t valid) {
    const Store own(scratch / name);
    FeatureWriter writer(own, small, {1, valid});
    FeatureChunk rows{0, 2, {Matrix<float>(2, 2)}, {}, {}};
    rows.slots[0](1, 1) = last;
    writer.accept(rows);
    return StoredFeatures(own, writer.key()).digest();
  };
  const std::string base = digest("a", 1, 1);
  EXPECT_EQ(digest("b", 1, 1), base);
  EXPECT_NE(digest("c", 2, 1), base);
  EXPECT_NE(digest("d", 1, 0), base);
  const std::string key = feature_key(small);
  EXPECT_TRUE(key.starts_with("toy@"));
  small.inputs["data"] = "d@2";
  EXPECT_NE(feature_key(small), key);
  EXPECT_NE(digest("e", 1, 1), base);
}

TEST(Features, HalfPrecisionAtRest) {
  for (const Dtype dtype : {Dtype::f16, Dtype::bf16}) {
    const Scratch scratch;
    const Store store(scratch / "s");
    FeatureRecipe small = recipe(dtype);
    small.slots = {{"embedding", "mean", 2}};
    small.scalars = {"nll"};
    small.rows = 1;
    FeatureWriter writer(store, small, {1});
    FeatureChunk row{0, 1, {Matrix<float>(1, 2)}, {"nll"}, Matrix<float>(1, 1, 0.1F)};
    row.slots[0].values() = {0.1F, -3};
    writer.accept(row);
    const StoredFeatures features(store, writer.key());
    std::vector<float> expected(2);
    const std::vector<uint16_t> bits = narrow(row.slots[0].values(), dtype);
    widen({"", dtype, {2}, std::as_bytes(std::span(bits))}, 0, expected);
    EXPECT_EQ(read_all(features, 0).values(), expected);
    EXPECT_EQ(features.scalar("nll"), std::vector<float>{0.1F});  // scalars stay float32
  }
}

TEST(Features, ValuesBeyondHalfPrecisionAreAnError) {
  const Scratch scratch;
  const Store store(scratch / "s");
  FeatureRecipe small = recipe(Dtype::f16);
  small.slots = {{"embedding", "mean", 2}};
  small.scalars = {};
  small.rows = 2;
  FeatureWriter writer(store, small, {1, 1});
  FeatureChunk rows{0, 2, {Matrix<float>(2, 2)}, {}, {}};
  rows.slots[0](1, 0) = 70000;
  EXPECT_EQ(error_of([&] { writer.accept(rows); }),
            "3: features " + writer.key() +
                ": embedding/mean, row 1: 70000 does not fit F16: store them as f32");
  EXPECT_FALSE(writer.has_chunk(0));
}

TEST(Features, ChunksThatAreNotTheRecipes) {
  const Scratch scratch;
  const Store store(scratch / "s");
  FeatureWriter writer(store, recipe(), mask());
  const auto refused = [&](const FeatureChunk& bad) {
    return error_of([&] { writer.accept(bad); }).starts_with("3: features " + writer.key());
  };
  EXPECT_TRUE(refused(chunk(0, 8)));
  EXPECT_TRUE(refused(chunk(8, 8)));
  EXPECT_TRUE(refused(chunk(32, 4)));
  FeatureChunk narrow_one = chunk(16, 4);
  narrow_one.slots[0] = Matrix<float>(4, 2);
  EXPECT_TRUE(refused(narrow_one));
  FeatureChunk other_scalars = chunk(16, 4);
  other_scalars.scalar_names = {"nll", "bytes"};
  EXPECT_TRUE(refused(other_scalars));
  EXPECT_EQ(contents(store.root()).size(), 2U);  // store.json and the manifest
}

TEST(Features, RecordOfOtherRowsIsSeen) {
  const Scratch scratch;
  const Store store(scratch / "s");
  FeatureWriter writer(store, recipe(), mask());
  writer.accept(chunk(0, 16));
  writer.accept(chunk(16, 4));
  const std::filesystem::path file = store.root() / chunk_record_name(writer.key(), 16);
  Json record = read_json(file);
  record["invalid_rows"] = {2};
  write_text(file, canonical_json(record));
  EXPECT_EQ(error_of([&] { const StoredFeatures features(store, writer.key()); }),
            "3: " + file.string() + ": damaged: its mask names rows of other chunks");
  std::filesystem::copy_file(store.root() / chunk_record_name(writer.key(), 0), file,
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_EQ(error_of([&] { const StoredFeatures features(store, writer.key()); }),
            "3: " + file.string() + ": damaged: not the rows 16 to 20");
}

}  // namespace
}  // namespace consilience::engine
