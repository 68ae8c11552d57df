#include "engine/extract/extract.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>

#include "engine/base/cancel.h"
#include "kernels/base/error.h"
#include "tests/support/source_dir.h"
#include "tests/unit/extract/small_extraction.h"

namespace consilience::engine {
namespace {

using testing::HasSubstr;

class ExtractText : public testing::Test {
 protected:
  ExtractText() : runner_(models::open_runner(kPackages + "tiny-text", {})) {
    options_.chunk_rows = 8;
    options_.batch.tokens = 24;
    options_.quiet = true;
  }
  void TearDown() override { clear_cancel(); }
  void run(MemorySink& sink) { extract({&data_, &tokens_}, *runner_, kSlots, options_, sink); }

  DataSet data_ = captions();
  TokenPack tokens_ = tokens();
  ExtractOptions options_;
  std::unique_ptr<models::Runner> runner_;
};

TEST_F(ExtractText, ChunksCoverAllRowsAndBadOnesAreZero) {
  MemorySink sink;
  run(sink);
  ASSERT_EQ(sink.chunks.size(), 5U);
  EXPECT_EQ(sink.chunks.at(32).rows, 5);
  const FeatureChunk& first = sink.chunks.at(0);
  EXPECT_EQ(first.scalar_names, (std::vector<std::string>{"nll", "tokens", "bytes"}));
  for (const float v : first.slots[0].row(5)) EXPECT_EQ(v, 0);
  EXPECT_NE(first.slots[0](4, 0), 0);
  const float length = static_cast<float>(tokens_.row(3).size());
  EXPECT_EQ(first.scalars(3, 1), length - 1);
  EXPECT_EQ(first.scalars(3, 2), 103);
  EXPECT_EQ(first.scalars(5, 2), 0);
}

TEST_F(ExtractText, EveryRowEqualsTheModelRunOnItAlone) {
  MemorySink sink;
  run(sink);
  for (int64_t row = 0; row < kRows; ++row) {
    if (data_.valid[static_cast<size_t>(row)] == 0) continue;
    const auto ids32 = tokens_.row(row);
    const std::vector<int64_t> ids(ids32.begin(), ids32.end());
    const std::vector<int64_t> mask(ids.size(), 1);
    const auto alone =
        runner_->run(models::TokenBatch{ids, mask, 1, static_cast<int64_t>(ids.size())});
    const FeatureChunk& chunk = sink.chunks.at(row / 8 * 8);
    for (int64_t d = 0; d < 6; ++d)
      EXPECT_NEAR(chunk.slots[2](row % 8, d), alone.layers[5](0, d), 1e-5) << "row " << row;
  }
}

TEST_F(ExtractText, BytesDoNotDependOnWorkers) {
  MemorySink one;
  MemorySink two;
  options_.workers = 1;
  run(one);
  options_.workers = 2;
  run(two);
  expect_equal(one, two);
}

TEST_F(ExtractText, ResumedEqualsUninterrupted) {
  MemorySink whole;
  run(whole);
  MemorySink parts;
  parts.after_accept = [&] {
    if (parts.chunks.size() == 2) request_cancel();
  };
  try {
    run(parts);
    FAIL() << "not cancelled";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), Failure::cancelled);
  }
  EXPECT_GE(parts.chunks.size(), 2U);
  EXPECT_LT(parts.chunks.size(), 5U);
  clear_cancel();
  parts.after_accept = nullptr;
  parts.resumed = true;
  parts.chunks.erase(0);  // a hole: only what is missing is run
  run(parts);
  expect_equal(whole, parts);
}

TEST_F(ExtractText, SlotsThatTheModelLacksAreNamed) {
  const auto refusal = [&](const FeatureSlot& slot) -> std::string {
    MemorySink sink;
    try {
      extract({&data_, &tokens_}, *runner_, {slot}, options_, sink);
    } catch (const Error& error) {
      return error.what();
    }
    return "accepted";
  };
  EXPECT_THAT(refusal({"block_9", "mean", 6}), HasSubstr("has no layer block_9"));
  EXPECT_THAT(refusal({"block_0", "median", 6}), HasSubstr("has no pooling median"));
  EXPECT_THAT(refusal({"block_0", "mean", 5}), HasSubstr("6 wide"));
}

/// The tiny model, counting calls, with one value spoiled.
class SpoilingRunner : public models::Runner {
 public:
  explicit SpoilingRunner(models::Runner& inner) : inner_(inner) {}
  [[nodiscard]] const models::ModelCard& card() const override { return inner_.card(); }
  models::BatchFeatures run(const models::TokenBatch& batch) override {
    rows += batch.batch;
    models::BatchFeatures features = inner_.run(batch);
    for (int64_t b = 0; b < batch.batch; ++b)
      if (batch.ids[static_cast<size_t>(b * batch.length)] == bad_first_id)
        features.layers[5](b, 2) = std::numeric_limits<float>::quiet_NaN();
    return features;
  }
  models::BatchFeatures run(const models::PixelBatch&) override { return {}; }
  models::BatchFeatures run(const models::AudioBatch&) override { return {}; }
  std::atomic<int64_t> rows{0};
  int64_t bad_first_id = -1;

 private:
  models::Runner& inner_;
};

TEST_F(ExtractText, OnlyValidRowsAreRunAndOnlyWhereTheSinkHasNone) {
  SpoilingRunner runner(*runner_);
  MemorySink sink;
  extract({&data_, &tokens_}, runner, kSlots, options_, sink);
  EXPECT_EQ(runner.rows, kRows - 2);
  sink.chunks.erase(8);
  sink.resumed = true;
  extract({&data_, &tokens_}, runner, kSlots, options_, sink);
  EXPECT_EQ(runner.rows, kRows - 2 + 8);
}

TEST_F(ExtractText, NotANumberNamesModelLayerAndSample) {
  SpoilingRunner runner(*runner_);
  runner.bad_first_id = 12 * 5 % 31 + 1;  // sample s12
  MemorySink sink;
  try {
    extract({&data_, &tokens_}, runner, kSlots, options_, sink);
    FAIL() << "NaN went through";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), Failure::never);
    EXPECT_THAT(error.what(), HasSubstr("tiny-text@"));
    EXPECT_THAT(error.what(), HasSubstr("layer block_0/mean, sample s12"));
  }
  EXPECT_FALSE(sink.chunks.contains(8));
}

TEST(ExtractPictures, RunThroughDecodeResizeAndModel) {
  DataSet data;
  data.root = source_dir() + "/tests/unit/image/data";
  for (const char* name : {"wide", "tall", "palette"})
    data.samples.push_back({name, std::string(name) + ".png", "", "", ""});
  data.valid = {1, 1, 1};
  const auto runner = models::open_runner(kPackages + "tiny-vision", {});
  ExtractOptions options;
  options.chunk_rows = 4;
  options.quiet = true;
  const std::vector<FeatureSlot> slots{{"block_0", "mean", 4}, {"head", "mean", 4}};
  MemorySink together;
  extract({&data, nullptr}, *runner, slots, options, together);
  options.batch.pictures = 1;
  MemorySink alone;
  extract({&data, nullptr}, *runner, slots, options, alone);
  for (size_t s = 0; s < slots.size(); ++s)
    for (int64_t row = 0; row < 3; ++row)
      for (int64_t d = 0; d < 4; ++d)
        EXPECT_NEAR(together.chunks.at(0).slots[s](row, d), alone.chunks.at(0).slots[s](row, d),
                    1e-5);
  const auto wide = alone.chunks.at(0).slots[0].row(0);
  const auto tall = alone.chunks.at(0).slots[0].row(1);
  EXPECT_FALSE(std::equal(wide.begin(), wide.end(), tall.begin()));
}

TEST(ExtractPictures, BrokenPictureIsNamed) {
  DataSet data;
  data.root = source_dir() + "/tests/hostile/images";
  data.samples = {{"cut", "18-truncated.png", "", "", ""}};
  data.valid = {1};
  const auto runner = models::open_runner(kPackages + "tiny-vision", {});
  ExtractOptions options;
  options.chunk_rows = 4;
  options.quiet = true;
  MemorySink sink;
  try {
    extract({&data, nullptr}, *runner, {{"head", "mean", 4}}, options, sink);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("18-truncated.png: truncated PNG"));
  }
  EXPECT_TRUE(sink.chunks.empty());
}

TEST(BatchPolicy, IsWrittenOut) {
  EXPECT_EQ(describe({4, 512, 16'000}), "pictures=4,tokens=512,audio_samples=16000");
}

}  // namespace
}  // namespace consilience::engine
