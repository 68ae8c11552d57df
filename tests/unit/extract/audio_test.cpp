#include <gmock/gmock.h>

#include <fstream>

#include "engine/audio/waveform.h"
#include "engine/data/open.h"
#include "engine/extract/auto_batch.h"
#include "engine/extract/extract.h"
#include "kernels/base/error.h"
#include "tests/unit/audio/sound_bytes.h"
#include "tests/unit/extract/fake_device.h"
#include "tests/unit/extract/small_extraction.h"

namespace consilience::engine {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

const std::vector<FeatureSlot> kHeard{{"embedding", "first", 5}, {"block_0", "mean", 6}};
constexpr int64_t kLongest = 4'000;  // of the card

/// Recordings of a few lengths and rates, one stereo, some longer than the model takes.
class ExtractAudio : public testing::Test {
 protected:
  ExtractAudio() {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    data_.root = fs::path(testing::TempDir()) / "extract_audio" / test->name();
    fs::create_directories(data_.root);
    for (int64_t i = 0; i < 17; ++i)
      add("r" + std::to_string(i), 16'000, 200 + i % 3 * 100,
          300.0 + 50.0 * static_cast<double>(i));
    add("slow", 8'000, 150, 440);
    add("fast", 44'100, 1'000, 440);
    add("long", 16'000, 5'000, 440);
    add("longer", 16'000, 9'000, 440);
    data_.valid.assign(data_.samples.size(), 1);
    data_.valid[4] = 0;
    options_.chunk_rows = 8;
    options_.batch.audio_samples = 1'000;
    options_.quiet = true;
  }
  void add(const std::string& id, int rate, int64_t frames, double hertz) {
    Sample sample{id, "", "", "", "", id + ".wav"};
    const auto bytes = wav(sine(hertz, rate, frames), rate);
    std::ofstream(data_.root / sample.audio, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), std::ssize(bytes));
    data_.samples.push_back(sample);
    data_.recordings.push_back({frames, rate});
  }
  std::vector<float> waveform(int64_t row) const {
    const auto i = static_cast<size_t>(row);
    std::ifstream in(data_.root / data_.samples[i].audio, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    return make_waveform(std::as_bytes(std::span(text)), "a", data_.recordings[i],
                         {16'000, kLongest, true});
  }
  MemorySink extracted() {
    MemorySink sink;
    extract({&data_, nullptr}, *model_, kHeard, options_, sink);
    return sink;
  }

  DataSet data_;
  ExtractOptions options_;
  std::unique_ptr<models::Runner> model_ = models::open_runner(kPackages + "tiny-audio", {});
};

TEST_F(ExtractAudio, EveryRowIsTheModelOnItsWaveform) {
  const MemorySink sink = extracted();
  for (const int64_t row : data_.valid_rows()) {
    const std::vector<float> one = waveform(row);
    const auto alone = model_->run(models::AudioBatch{one, 1, std::ssize(one)});
    const FeatureChunk& chunk = sink.chunks.at(row / 8 * 8);
    for (int64_t d = 0; d < 5; ++d)
      EXPECT_NEAR(chunk.slots[0](row % 8, d), alone.layers[0](0, d), 1e-6) << row;
    for (int64_t d = 0; d < 6; ++d)
      EXPECT_NEAR(chunk.slots[1](row % 8, d), alone.layers[3](0, d), 1e-6) << row;
  }
  for (const float v : sink.chunks.at(0).slots[1].row(4)) EXPECT_EQ(v, 0);  // the bad row
}

TEST_F(ExtractAudio, NeitherWorkersNorADeviceChangeABit) {
  const MemorySink expected = extracted();
  options_.workers = 3;
  expect_equal(extracted(), expected);
  for (uint64_t seed = 0; seed < 20; ++seed) {
    FakeDevice device(*model_, seed);
    MemorySink sink;
    extract({&data_, nullptr}, device, kHeard, options_, sink);
    expect_equal(sink, expected);
  }
}

TEST_F(ExtractAudio, BatchesHoldOneLengthWithinTheBudget) {
  FakeDevice device(*model_);
  options_.chunk_rows = 32;
  MemorySink sink;
  extract({&data_, nullptr}, device, kHeard, options_, sink);
  // 4,000 samples twice, too long for company; 400 five times, 363 ("fast") once, 300 six times
  // ("slow" among them), 200 six times.
  EXPECT_EQ(device.runs, (std::vector<int64_t>{1, 1, 2, 2, 1, 1, 3, 3, 5, 1}));
}

TEST_F(ExtractAudio, WhatWasCutIsCounted) {
  options_.quiet = false;
  testing::internal::CaptureStderr();
  (void)extracted();
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              HasSubstr("2 of 20 recordings cut to their first 0.2 s"));
}

TEST_F(ExtractAudio, AnAutomaticBatchIsOfTheLongestRecording) {
  FakeDevice device(*model_);
  device.bytes_a_token = 1'000;
  device.capacity = 100'000'000;
  const BatchPolicy policy = find_batch(device, {&data_, nullptr});
  EXPECT_EQ(policy.audio_samples, 16 * kLongest);  // 20 of 4 MB in 80 % of 100 MB
  const models::ModelCard& card = model_->card();
  EXPECT_EQ(half_of({4, 64, 10'000}, card, {&data_, nullptr})->audio_samples, 5'000);
  EXPECT_EQ(half_of({4, 64, 6'000}, card, {&data_, nullptr})->audio_samples, kLongest);
  EXPECT_FALSE(half_of({4, 64, kLongest}, card, {&data_, nullptr}));
  device.capacity = 3'000'000;
  try {
    (void)find_batch(device, {&data_, nullptr});
    FAIL() << "fits";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("one recording does not fit the device"));
  }
}

TEST_F(ExtractAudio, AFileThatChangedSinceItWasCheckedIsTold) {
  std::ofstream(data_.root / "r3.wav", std::ios::binary) << "no sound";
  try {
    (void)extracted();
    FAIL() << "went through";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("r3.wav: text, not a recording"));
  }
}

TEST_F(ExtractAudio, ASetThatNobodyListenedToIsRefused) {
  data_.recordings.clear();
  try {
    (void)extracted();
    FAIL() << "went through";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("expected recordings of 21 rows"));
  }
}

}  // namespace
}  // namespace consilience::engine
