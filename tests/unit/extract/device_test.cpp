#include <gmock/gmock.h>

#include <algorithm>

#include "engine/base/cancel.h"
#include "engine/extract/device_loop.h"
#include "kernels/base/error.h"
#include "tests/support/source_dir.h"
#include "tests/unit/extract/fake_device.h"
#include "tests/unit/extract/small_extraction.h"

namespace consilience::engine {
namespace {

using testing::HasSubstr;

class ExtractOnDevice : public testing::Test {
 protected:
  ExtractOnDevice() {
    std::fill_n(data_.valid.begin() + 8, 8, uint8_t{0});  // a chunk without a row to run
    options_.chunk_rows = 8;
    options_.batch.tokens = 24;
    options_.workers = 1;
    options_.quiet = true;
    extract({&data_, &tokens_}, *model_, kSlots, options_, expected_);
  }
  void TearDown() override { clear_cancel(); }

  void run(FakeDevice& device, MemorySink& sink) {
    extract({&data_, &tokens_}, device, kSlots, options_, sink);
  }
  /// What a run ends with; "" for a good one. Chunks that came before must be right ones.
  std::string end_of(FakeDevice& device, MemorySink& sink, Failure kind) {
    try {
      run(device, sink);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), kind) << error.what();
      EXPECT_EQ(device.live_buffers, 0);
      EXPECT_EQ(device.live_events, 0);
      return error.what();
    }
    return "";
  }
  /// A run that stopped goes on elsewhere to the same bytes.
  void expect_good_when_resumed(MemorySink& sink) {
    for (const auto& [first, chunk] : sink.chunks)
      EXPECT_EQ(chunk.slots[0].values(), expected_.chunks.at(first).slots[0].values());
    sink.resumed = true;
    FakeDevice device(*model_);
    run(device, sink);
    expect_equal(sink, expected_);
  }
  int64_t calls_of_a_whole_run() {
    FakeDevice device(*model_);
    MemorySink sink;
    run(device, sink);
    return device.calls;
  }

  DataSet data_ = captions();
  TokenPack tokens_ = tokens();
  ExtractOptions options_;
  std::unique_ptr<models::Runner> model_ = models::open_runner(kPackages + "tiny-text", {});
  MemorySink expected_;  // of the CPU
};

TEST_F(ExtractOnDevice, NoOrderOfTheQueuesChangesABit) {
  int64_t most_under_way = 0;
  for (uint64_t seed = 0; seed < 60; ++seed) {
    FakeDevice device(*model_, seed);
    MemorySink sink;
    options_.workers = seed % 2 == 0 ? 1 : 3;
    run(device, sink);
    expect_equal(sink, expected_);
    EXPECT_EQ(device.live_buffers, 0);
    most_under_way = std::max(most_under_way, device.most_under_way);
  }
  EXPECT_GE(most_under_way, 2);
}

TEST_F(ExtractOnDevice, MemoryIsUsedAgain) {
  FakeDevice device(*model_);
  MemorySink sink;
  options_.batch.tokens = 11;
  run(device, sink);
  EXPECT_GT(device.runs.size(), 12U);
  EXPECT_LE(device.allocations, 3 * 4 * 2);  // three batches of four buffers, each may grow
}

TEST_F(ExtractOnDevice, WhatIsFetchedIsHandedOnAtOnce) {
  FakeDevice device(*model_);
  device.eager = true;
  int64_t handed_on = 0;
  extraction::DeviceLoop loop(device, [&](const auto&, const auto&) { ++handed_on; });
  ExtractInput input{&data_, &tokens_};
  for (int64_t batch = 1; batch <= 5; ++batch) {
    loop.submit(extraction::decode_batch({0, 8, false, {batch}, 11}, input, device.card()));
    EXPECT_EQ(handed_on, batch);
  }
}

TEST_F(ExtractOnDevice, AnErrorOfAnyCallEndsTheRunAndLeaksNothing) {
  for (const Failure kind : {Failure::never, Failure::out_of_memory}) {
    int64_t failed = 0;
    for (int64_t bad = 0; bad < calls_of_a_whole_run() - 1; ++bad) {  // the last: ~DeviceLoop
      SCOPED_TRACE(fmt::format("call {}", bad));
      FakeDevice device(*model_);
      device.before_call = [&](int64_t call) {
        if (call == bad) fail(kind, "call {} fails", bad);
      };
      MemorySink sink;
      EXPECT_EQ(end_of(device, sink, kind), fmt::format("call {} fails", bad));
      ++failed;
      expect_good_when_resumed(sink);
    }
    EXPECT_GT(failed, 100);
  }
}

TEST_F(ExtractOnDevice, WorkThatFailsOnTheDeviceIsToldByALaterCall) {
  FakeDevice whole(*model_);
  MemorySink all;
  run(whole, all);
  for (int64_t bad = 0; bad < whole.work_done; ++bad) {
    FakeDevice device(*model_, static_cast<uint64_t>(bad));
    device.broken_work = bad;
    MemorySink sink;
    EXPECT_EQ(end_of(device, sink, Failure::never), "the device is lost");
    expect_good_when_resumed(sink);
  }
}

TEST_F(ExtractOnDevice, AStopAtAnyCallIsClean) {
  int64_t stopped = 0;
  for (int64_t at = 0; at < calls_of_a_whole_run(); ++at) {
    FakeDevice device(*model_);
    device.before_call = [&](int64_t call) {
      if (call == at) request_cancel();
    };
    MemorySink sink;
    stopped += end_of(device, sink, Failure::cancelled).empty() ? 0 : 1;
    clear_cancel();
    expect_good_when_resumed(sink);
  }
  EXPECT_GT(stopped, 50);
}

TEST_F(ExtractOnDevice, ABatchThatDoesNotFitIsOutOfMemory) {
  FakeDevice device(*model_);
  device.bytes_a_token = 1000;
  device.capacity = 20'000;
  MemorySink sink;
  EXPECT_THAT(end_of(device, sink, Failure::out_of_memory), HasSubstr("out of memory"));
}

TEST(ExtractPicturesOnDevice, GoUpAsTheyWereDecoded) {
  DataSet data;
  data.root = source_dir() + "/tests/unit/image/data";
  for (const char* name : {"wide", "tall", "palette"})
    data.samples.push_back({name, std::string(name) + ".png", "", "", ""});
  data.valid = {1, 1, 1};
  const auto model = models::open_runner(kPackages + "tiny-vision", {});
  ExtractOptions options;
  options.chunk_rows = 4;
  options.quiet = true;
  const std::vector<FeatureSlot> slots{{"block_0", "mean", 4}, {"head", "mean", 4}};
  for (const int64_t pictures : {1, 2, 4}) {
    options.batch.pictures = pictures;
    MemorySink expected, found;
    extract({&data, nullptr}, *model, slots, options, expected);
    FakeDevice device(*model, static_cast<uint64_t>(pictures));
    extract({&data, nullptr}, device, slots, options, found);
    expect_equal(found, expected);
  }
  data.root = source_dir() + "/tests/hostile/images";
  data.samples[1].image = "18-truncated.png";
  data.samples.resize(2);
  data.samples.erase(data.samples.begin());
  data.valid = {1};
  FakeDevice device(*model);
  MemorySink sink;
  try {
    extract({&data, nullptr}, device, slots, options, sink);
    FAIL() << "a broken picture went through";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("18-truncated.png: truncated PNG"));
  }
  EXPECT_EQ(device.live_buffers, 0);
}

}  // namespace
}  // namespace consilience::engine
