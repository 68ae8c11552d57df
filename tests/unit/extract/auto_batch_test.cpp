#include "engine/extract/auto_batch.h"

#include <gmock/gmock.h>

#include "kernels/base/error.h"
#include "tests/support/source_dir.h"
#include "tests/unit/extract/fake_device.h"
#include "tests/unit/extract/small_extraction.h"

namespace consilience::engine {
namespace {

using testing::HasSubstr;

constexpr int64_t kLongest = 11;  // of tokens()

class AutoBatch : public testing::Test {
 protected:
  BatchPolicy found(FakeDevice& device) { return find_batch(device, {&data_, &tokens_}); }

  DataSet data_ = captions();
  TokenPack tokens_ = tokens();
  std::unique_ptr<models::Runner> model_ = models::open_runner(kPackages + "tiny-text", {});
};

TEST_F(AutoBatch, FillsMostOfTheFreeMemoryWithAPowerOfTwoOfSamples) {
  FakeDevice device(*model_);
  device.bytes_a_token = 100'000;
  device.weights = 500'000'000;
  device.capacity = device.weights + 100'000'000;
  const BatchPolicy policy = found(device);
  EXPECT_EQ(policy.tokens, 64 * kLongest);  // 80 of 1.1 MB in 80 % of 100 MB
  EXPECT_EQ(device.live_buffers, 0);
  MemorySink sink;
  ExtractOptions options;
  options.batch = policy;
  options.chunk_rows = 64;
  options.quiet = true;
  extract({&data_, &tokens_}, device, kSlots, options, sink);
  EXPECT_EQ(sink.chunks.size(), 1U);
}

TEST_F(AutoBatch, IsHalvedUntilItFits) {
  FakeDevice device(*model_);
  device.bytes_a_token = 10'000;
  device.capacity = 100'000'000;
  int64_t largest = 0;
  device.before_run = [&](int64_t rows) {  // memory that the measurement of one did not show
    if (rows > 20) fail(Failure::out_of_memory, "out of memory");
    largest = std::max(largest, rows);
  };
  EXPECT_EQ(found(device).tokens, 16 * kLongest);
  EXPECT_EQ(largest, 16);
}

TEST_F(AutoBatch, IsOneWhereTwoDoNotFit) {
  FakeDevice device(*model_);
  device.bytes_a_token = 1'000'000;
  device.capacity = 20'000'000;
  EXPECT_EQ(found(device).tokens, kLongest);
}

TEST_F(AutoBatch, OneSampleThatDoesNotFitIsOutOfMemory) {
  FakeDevice device(*model_);
  device.bytes_a_token = 1'000'000;
  device.weights = 7'000'000;
  device.capacity = 12'000'000;
  try {
    (void)found(device);
    FAIL() << "fits";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), Failure::out_of_memory);
    EXPECT_THAT(error.what(), HasSubstr("model tiny-text@"));
    EXPECT_THAT(error.what(), HasSubstr("one caption does not fit the device, 5 MB are free"));
  }
  EXPECT_EQ(device.live_buffers, 0);
}

TEST_F(AutoBatch, IsNeverLargerThanIsOfUse) {
  FakeDevice device(*model_);
  EXPECT_EQ(found(device).tokens, 1024 * kLongest);  // 16,384 tokens are 1,489 of the longest
}

TEST_F(AutoBatch, AnErrorOfAnyCallIsTold) {
  FakeDevice whole(*model_);
  whole.bytes_a_token = 1'000'000;
  whole.capacity = 100'000'000;
  (void)found(whole);
  int64_t untold = 0;
  for (int64_t bad = 0; bad < whole.calls; ++bad) {
    FakeDevice device(*model_);
    device.bytes_a_token = 1'000'000;
    device.capacity = 100'000'000;
    device.before_call = [&](int64_t call) {
      if (call == bad) fail(Failure::never, "call {} fails", bad);
    };
    try {
      (void)found(device);
      ++untold;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), Failure::never);
      EXPECT_EQ(error.what(), fmt::format("call {} fails", bad));
    }
    EXPECT_EQ(device.live_buffers, 0);
  }
  EXPECT_EQ(untold, 3);  // the last waits of two runs of one sample and of one of many
}

TEST_F(AutoBatch, HalvesDownToOneSample) {
  const models::ModelCard& card = model_->card();
  const ExtractInput input{&data_, &tokens_};
  EXPECT_EQ(half_of({4, 64}, card, input)->tokens, 32);
  EXPECT_EQ(half_of({4, 15}, card, input)->tokens, kLongest);
  EXPECT_FALSE(half_of({4, kLongest}, card, input));
  const auto vision = models::open_runner(kPackages + "tiny-vision", {});
  EXPECT_EQ(half_of({4, 64}, vision->card(), {&data_, nullptr})->pictures, 2);
  EXPECT_FALSE(half_of({1, 64}, vision->card(), {&data_, nullptr}));
}

TEST(AutoBatchOfPictures, CountsPictures) {
  DataSet data;
  data.root = source_dir() + "/tests/unit/image/data";
  data.samples = {{"wide", "wide.png", "", "", ""}};
  data.valid = {1};
  const auto model = models::open_runner(kPackages + "tiny-vision", {});
  FakeDevice device(*model);
  device.bytes_a_token = 1'000'000;
  device.capacity = 50'000'000;
  EXPECT_EQ(find_batch(device, {&data, nullptr}).pictures, 32);
  data.valid = {0};
  EXPECT_EQ(find_batch(device, {&data, nullptr}).pictures, BatchPolicy{}.pictures);
}

}  // namespace
}  // namespace consilience::engine
