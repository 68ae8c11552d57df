#include "engine/audio/waveform.h"

#include <gmock/gmock.h>

#include <cmath>
#include <random>

#include "engine/audio/batches.h"
#include "engine/audio/resample.h"
#include "kernels/base/error.h"
#include "tests/unit/audio/sound_bytes.h"

namespace consilience::engine {
namespace {

using testing::ElementsAre;
using testing::Pointwise;

constexpr int64_t kAll = int64_t{1} << 40;

std::vector<float> as_it_is(const std::vector<std::byte>& bytes, int rate) {
  return make_waveform(bytes, "a", check_recording(bytes, "a"), {rate, kAll, false});
}

// Upper bits of 32; whole steps of 8 bits, so that every format can hold them.
const std::vector<int32_t> kSteps = {0, 1 << 24, -(1 << 24), 127 << 24, -(1 << 30), INT32_MIN};
const std::vector<float> kStepValues = {0, 1 / 128.F, -1 / 128.F, 127 / 128.F, -0.5F, -1};

struct Format {
  const char* name;
  int format;
  int bits;
};

class ExactFormats : public testing::TestWithParam<Format> {};

TEST_P(ExactFormats, GiveExactlyWhatWasWritten) {
  const auto [name, format, bits] = GetParam();
  std::vector<int32_t> steps = kSteps;
  std::vector<float> values = kStepValues;
  if (bits > 8) {  // a step of the format itself
    steps.push_back(static_cast<int32_t>(1U << (32 - bits)));
    values.push_back(std::ldexp(1.F, 1 - bits));
  }
  const auto bytes = sound_bytes<int32_t>(steps, format, 16'000);
  EXPECT_EQ(check_recording(bytes, name), (RecordingSize{std::ssize(steps), 16'000}));
  EXPECT_EQ(as_it_is(bytes, 16'000), values);
}

INSTANTIATE_TEST_SUITE_P(
    All, ExactFormats,
    testing::Values(Format{"wav8", SF_FORMAT_WAV | SF_FORMAT_PCM_U8, 8},
                    Format{"wav16", SF_FORMAT_WAV | SF_FORMAT_PCM_16, 16},
                    Format{"wav24", SF_FORMAT_WAV | SF_FORMAT_PCM_24, 24},
                    Format{"wav32", SF_FORMAT_WAV | SF_FORMAT_PCM_32, 32},
                    Format{"wavex24", SF_FORMAT_WAVEX | SF_FORMAT_PCM_24, 24},
                    Format{"rifx16", SF_FORMAT_WAV | SF_FORMAT_PCM_16 | SF_ENDIAN_BIG, 16},
                    Format{"flac8", SF_FORMAT_FLAC | SF_FORMAT_PCM_S8, 8},
                    Format{"flac16", SF_FORMAT_FLAC | SF_FORMAT_PCM_16, 16},
                    Format{"flac24", SF_FORMAT_FLAC | SF_FORMAT_PCM_24, 24}),
    [](const auto& test) { return test.param.name; });

TEST(Waveform, FloatsKeepTheirBits) {
  const std::vector<float> values = {0, 0.1F, -3.5F, 1e-30F, 1.5F};  // beyond 1 too
  EXPECT_EQ(as_it_is(wav(values, 8'000), 8'000), values);
}

TEST(Waveform, LossyFormatsAreCloseAndOfTheRightLength) {
  const auto tone = sine(440, 16'000, 16'000);
  for (const int format : {SF_FORMAT_OGG | SF_FORMAT_VORBIS, SF_FORMAT_OGG | SF_FORMAT_OPUS,
                           SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III}) {
    const auto found = as_it_is(sound_bytes<float>(tone, format, 16'000), 16'000);
    ASSERT_EQ(found.size(), tone.size());
    double difference = 0;
    for (size_t i = 2'000; i < 14'000; ++i)
      difference = std::max(difference, std::abs(double{found[i]} - double{tone[i]}));
    EXPECT_LT(difference, 0.05) << std::hex << format;
  }
}

TEST(Waveform, ChannelsAreAveragedInDouble) {
  // In float32, 1 + 2^-24 would be 1 before the other channel takes the 1 away.
  const std::vector<float> three = {1, std::ldexp(1.F, -24), -1, 0.3F, 0.6F, 0.9F};
  const auto found = as_it_is(wav(three, 16'000, 3), 16'000);
  EXPECT_THAT(found,
              ElementsAre(static_cast<float>(std::ldexp(1.0, -24) / 3),
                          static_cast<float>((double{0.3F} + double{0.6F} + double{0.9F}) / 3)));
}

TEST(Waveform, AreReadInBlocksOfAnySize) {
  std::vector<float> values(200'003);
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i % 1009) / 1024;
  EXPECT_EQ(as_it_is(wav(values, 16'000), 16'000), values);
}

TEST(Waveform, LengthsAreKnownFromTheSize) {
  for (const auto& [from, to] : {std::pair{44'100, 16'000},
                                 {48'000, 16'000},
                                 {8'000, 16'000},
                                 {22'050, 16'000},
                                 {11'025, 16'000},
                                 {16'000, 48'000},
                                 {192'000, 1'000},
                                 {1'000, 192'000},
                                 {44'100, 48'000}})
    for (const int64_t frames : {1, 2, 7, 100, 441, 1'001, 44'100, 44'101, 100'003}) {
      const std::vector<float> flat(static_cast<size_t>(frames), 0.25F);
      EXPECT_EQ(std::ssize(audio::resample(flat, from, to, "a")),
                resampled_length({frames, from}, to));
    }
  EXPECT_EQ(resampled_length({44'100, 44'100}, 16'000), 16'000);
  EXPECT_EQ(resampled_length({3, 2'000}, 1'000), 2);  // half up
}

/// Amplitude of one frequency, away from the ends.
double amplitude(std::span<const float> values, double hertz, int rate) {
  const size_t start = values.size() / 4, end = values.size() * 3 / 4;
  double real = 0, imaginary = 0, weight = 0;
  for (size_t i = start; i < end; ++i) {
    const double phase = 2 * std::numbers::pi * hertz * static_cast<double>(i) / rate;
    const double window =
        0.5 - 0.5 * std::cos(2 * std::numbers::pi * static_cast<double>(i - start) /
                             static_cast<double>(end - start));
    real += window * double{values[i]} * std::cos(phase);
    imaginary += window * double{values[i]} * std::sin(phase);
    weight += window;
  }
  return 2 * std::hypot(real, imaginary) / weight;
}

TEST(Waveform, AResampledToneKeepsFrequencyPhaseAndAmplitude) {
  for (const int from : {8'000, 22'050, 44'100, 48'000}) {
    const auto found = as_it_is(wav(sine(1'000, from, 2 * from), from), 16'000);
    ASSERT_EQ(found.size(), 32'000U);
    const auto expected = sine(1'000, 16'000, 32'000);
    double difference = 0;
    for (size_t i = 4'000; i < 28'000; ++i)
      difference = std::max(difference, std::abs(double{found[i]} - double{expected[i]}));
    EXPECT_LT(difference, 1e-6) << from;  // 28 bits of soxr, 24 of float32
  }
}

TEST(Waveform, WhatTheNewRateCannotHoldIsFilteredOut) {
  const auto found = as_it_is(wav(sine(9'000, 44'100, 88'200), 44'100), 16'000);
  EXPECT_LT(amplitude(found, 7'000, 16'000), 0.5 * 1e-5);  // 16,000 - 9,000: the alias
}

TEST(Waveform, AreCutToTheFirstSamples) {
  const auto tone = sine(440, 16'000, 40'000);
  const auto bytes = wav(tone, 16'000);
  const RecordingSize size = check_recording(bytes, "a");
  const WaveformRecipe recipe{16'000, 1'000, false};
  EXPECT_EQ(waveform_length(size, recipe), 1'000);
  EXPECT_EQ(make_waveform(bytes, "a", size, recipe),
            std::vector<float>(tone.begin(), tone.begin() + 1'000));
  EXPECT_EQ(waveform_length(size, {16'000, kAll, false}), 40'000);
}

TEST(Waveform, ACutOnesEndSoundsAsIfAllHadBeenResampled) {
  const auto bytes = wav(sine(440, 44'100, 44'100 * 8), 44'100);
  const RecordingSize size = check_recording(bytes, "a");
  const auto whole = make_waveform(bytes, "a", size, {16'000, kAll, false});
  const auto cut = make_waveform(bytes, "a", size, {16'000, 20'000, false});
  ASSERT_EQ(cut.size(), 20'000U);
  for (size_t i = 0; i < cut.size(); ++i) ASSERT_NEAR(cut[i], whole[i], 1e-7) << i;
}

TEST(Waveform, UnitIsWhatTransformersDoes) {
  // Wav2Vec2FeatureExtractor(do_normalize=True) of transformers 5.24.
  std::vector<float> values = {0.5F, -0.25F, 0.125F, 1.F};
  normalise_to_unit(values);
  EXPECT_THAT(values,
              Pointwise(testing::FloatNear(1e-6F),
                        std::vector<float>{0.3378686F, -1.2839006F, -0.47301602F, 1.4190481F}));
  std::vector<float> silence(5, 0.F);
  normalise_to_unit(silence);
  EXPECT_THAT(silence, testing::Each(0.F));
  // Sums in double: the mean of a large offset would be lost in float32.
  std::vector<float> shifted(1'000'000);
  for (size_t i = 0; i < shifted.size(); ++i) shifted[i] = 4'000 + (i % 2 == 0 ? 0.5F : -0.5F);
  normalise_to_unit(shifted);
  EXPECT_FLOAT_EQ(shifted[0], 1 / std::sqrt(1 + 4e-7F));
  EXPECT_FLOAT_EQ(shifted[1], -shifted[0]);
}

TEST(Waveform, UnitIsOfTheCutRecording) {
  std::vector<float> values = sine(440, 16'000, 2'000);
  values.resize(4'000, 1.F);
  const auto bytes = wav(values, 16'000);
  const RecordingSize size = check_recording(bytes, "a");
  auto expected = sine(440, 16'000, 2'000);
  normalise_to_unit(expected);
  EXPECT_EQ(make_waveform(bytes, "a", size, {16'000, 2'000, true}), expected);
}

TEST(Waveform, AFileThatChangedIsTold) {
  const auto bytes = wav(sine(440, 16'000, 1'000), 16'000);
  const auto refusal = [&](const RecordingSize& size) -> std::string {
    try {
      (void)make_waveform(bytes, "a.wav", size, {16'000, kAll, false});
    } catch (const Error& error) {
      return error.what();
    }
    return "accepted";
  };
  EXPECT_EQ(refusal({1'001, 16'000}),
            "a.wav: expected 1001 frames as when it was checked, found 1000");
  EXPECT_EQ(refusal({1'000, 8'000}), "a.wav: expected 8000 Hz as when it was checked, found 16000");
}

TEST(WaveformBatches, HoldRecordingsOfOneLength) {
  const std::vector<int64_t> rows = {2, 5, 6, 7, 9, 11};
  const std::vector<int64_t> lengths = {100, 300, 100, 100, 200, 100};
  const auto batches = plan_waveform_batches(rows, lengths, 320);
  ASSERT_EQ(batches.size(), 4U);
  EXPECT_THAT(batches[0].rows, ElementsAre(5));
  EXPECT_THAT(batches[1].rows, ElementsAre(9));
  EXPECT_THAT(batches[2].rows, ElementsAre(2, 6, 7));
  EXPECT_THAT(batches[3].rows, ElementsAre(11));
  EXPECT_EQ(batches[2].samples, 100);
  EXPECT_EQ(plan_waveform_batches(rows, lengths, 1).size(), 6U);  // longer by itself: alone
  EXPECT_TRUE(plan_waveform_batches({}, {}, 1).empty());
}

}  // namespace
}  // namespace consilience::engine
