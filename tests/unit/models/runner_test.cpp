#include "models/runner.h"

#include <gmock/gmock.h>

#include <cmath>
#include <fstream>
#include <functional>
#include <thread>

#include "kernels/base/error.h"
#include "models/device_runner.h"
#include "tests/support/source_dir.h"

namespace consilience::models {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;

const fs::path kPackages = source_dir() + "/tests/unit/models/packages";

struct Expected {
  std::vector<std::vector<float>> inputs;
  std::vector<std::vector<float>> outputs;
  std::vector<int64_t> shape;
};

Expected expected_of(const std::string& name) {
  std::ifstream in(kPackages / name / "expected.json");
  const json file = json::parse(in);
  return {file["inputs"], file["outputs"], file["shape"]};
}

std::vector<int64_t> integers(const std::vector<float>& values) {
  return {values.begin(), values.end()};
}

/// Within the card's bound of what eager PyTorch gave, for every layer and pooling.
void expect_close(const BatchFeatures& found, const ModelCard& card, const Expected& expected) {
  const size_t poolings = card.poolings.size();
  for (size_t l = 0; l < card.layers.size(); ++l) {
    float largest = 0;
    for (const float v : expected.outputs[l]) largest = std::max(largest, std::abs(v));
    const double bound = card.error_absolute + card.error_relative * largest;
    for (size_t p = 0; p < poolings; ++p) {
      const Matrix<float>& layer = found.layers[l * poolings + p];
      ASSERT_EQ(layer.rows(), expected.shape[0]);
      for (int64_t b = 0; b < layer.rows(); ++b)
        for (int64_t d = 0; d < layer.cols(); ++d) {
          const size_t at =
              (static_cast<size_t>(b) * poolings + p) * static_cast<size_t>(layer.cols()) +
              static_cast<size_t>(d);
          EXPECT_NEAR(layer(b, d), expected.outputs[l][at], bound) << card.layers[l].name;
        }
    }
  }
}

BatchFeatures run_text(Runner& runner, const Expected& expected) {
  const std::vector<int64_t> ids = integers(expected.inputs[0]);
  const std::vector<int64_t> mask = integers(expected.inputs[1]);
  return runner.run(TokenBatch{ids, mask, expected.shape[0], expected.shape[1]});
}

TEST(Runner, TextEqualsEager) {
  const auto runner = open_runner(kPackages / "tiny-text", {});
  const Expected expected = expected_of("tiny-text");
  const BatchFeatures found = run_text(*runner, expected);
  expect_close(found, runner->card(), expected);
  ASSERT_EQ(found.scalars.cols(), 2);
  EXPECT_FLOAT_EQ(found.scalars(0, 0), expected.outputs[2][0]);
  EXPECT_FLOAT_EQ(found.scalars(1, 1), expected.outputs[2][3]);
}

TEST(Runner, FrozenChannelsLastVisionEqualsEager) {
  const auto runner = open_runner(kPackages / "tiny-vision", {});
  const Expected expected = expected_of("tiny-vision");
  expect_close(runner->run(PixelBatch{expected.inputs[0], 2, 8, 8}), runner->card(), expected);
}

TEST(Runner, AudioEqualsEager) {
  const auto runner = open_runner(kPackages / "tiny-audio", {});
  const Expected expected = expected_of("tiny-audio");
  const AudioBatch batch{expected.inputs[0], expected.shape[0], expected.shape[1]};
  expect_close(runner->run(batch), runner->card(), expected);
}

TEST(Runner, SameBitsFromManyThreads) {
  const auto runner = open_runner(kPackages / "tiny-text", {});
  const Expected expected = expected_of("tiny-text");
  const BatchFeatures alone = run_text(*runner, expected);
  std::vector<BatchFeatures> found(8);
  std::vector<std::thread> threads;
  for (BatchFeatures& result : found)
    threads.emplace_back([&] { result = run_text(*runner, expected); });
  for (std::thread& thread : threads) thread.join();
  for (const BatchFeatures& result : found)
    for (size_t l = 0; l < alone.layers.size(); ++l)
      EXPECT_EQ(result.layers[l].values(), alone.layers[l].values());
}

TEST(Runner, AutocastComputesInLess) {
  const auto runner = open_runner(kPackages / "tiny-text", {"cpu", 1, "bf16"});
  const Expected expected = expected_of("tiny-text");
  const BatchFeatures found = run_text(*runner, expected);
  double worst = 0;
  for (int64_t b = 0; b < 2; ++b)
    for (int64_t d = 0; d < 6; ++d)
      worst = std::max(worst, std::abs(static_cast<double>(
                                  found.layers[5](b, d) -
                                  expected.outputs[1][static_cast<size_t>((b * 3 + 2) * 6 + d)])));
  EXPECT_GT(worst, 1e-5);
  EXPECT_LT(worst, 2e-2);
}

template <typename Work>
std::string refusal(const Work& work) {
  try {
    work();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), Failure::never);
    return error.what();
  }
  return "accepted";
}

TEST(Runner, RefusesADeviceThatIsNotThere) {
  const auto open = [](const char* device) {
    return refusal([&] { open_device_runner(kPackages / "tiny-text", {device, 1, "f32"}); });
  };
  EXPECT_THAT(open("tpu"), HasSubstr("device tpu: expected cuda or cuda:<number>"));
  EXPECT_THAT(open("cuda:x"), HasSubstr("device cuda:x"));
  EXPECT_THAT(open("cuda:99"), HasSubstr("device cuda:99"));
  EXPECT_THAT(refusal([] {
                open_runner(kPackages / "tiny-text", {"cuda", 1, "f32"});
              }),
              HasSubstr("device cuda: this runner is the CPU's"));
}

TEST(Runner, RefusesAnUnknownPrecision) {
  EXPECT_THAT(refusal([] {
                open_runner(kPackages / "tiny-text", {"cpu", 1, "fp8"});
              }),
              HasSubstr("compute fp8: expected f32, bf16 or f16"));
}

TEST(Runner, RefusesARowOfPaddingAlone) {
  const auto runner = open_runner(kPackages / "tiny-text", {});
  const std::vector<int64_t> ids(6, 1);
  const std::vector<int64_t> mask = {1, 1, 0, 0, 0, 0};
  EXPECT_THAT(refusal([&] {
                runner->run(TokenBatch{ids, mask, 2, 3});
              }),
              HasSubstr("row 1 of the batch is padding alone"));
}

TEST(Runner, RefusesTheOtherModality) {
  const auto runner = open_runner(kPackages / "tiny-text", {});
  const std::vector<float> pixels(3 * 64);
  EXPECT_THAT(refusal([&] {
                runner->run(PixelBatch{pixels, 1, 8, 8});
              }),
              HasSubstr("takes tokens, was given pixels"));
  EXPECT_THAT(refusal([&] {
                runner->run(AudioBatch{pixels, 1, 192});
              }),
              HasSubstr("takes tokens, was given waveforms"));
}

TEST(Runner, RefusesWaveformsThatAreTooShortOrMiscounted) {
  const auto runner = open_runner(kPackages / "tiny-audio", {});
  const std::vector<float> waveform(38);
  EXPECT_THAT(refusal([&] {
                runner->run(AudioBatch{waveform, 2, 19});
              }),
              HasSubstr("expected recordings of at least 20 samples, found 19"));
  EXPECT_THAT(refusal([&] {
                runner->run(AudioBatch{waveform, 2, 20});
              }),
              HasSubstr("expected 40 samples, found 38"));
}

/// A package whose card says something else than its archive does.
fs::path lying_package(const std::function<void(json&)>& lie) {
  const auto* test = testing::UnitTest::GetInstance()->current_test_info();
  const fs::path copy = fs::path(testing::TempDir()) / test->name();
  fs::remove_all(copy);
  fs::copy(kPackages / "tiny-text", copy);
  std::ifstream in(copy / "card.json");
  json card = json::parse(in);
  lie(card);
  std::ofstream(copy / "card.json") << card.dump();
  return copy;
}

TEST(Runner, NamesTheLayerOfAWrongWidth) {
  const auto package =
      lying_package([](json& card) { card["identity"]["layers"][1]["width"] = 7; });
  const auto runner = open_runner(package, {});
  EXPECT_THAT(
      refusal([&] { run_text(*runner, expected_of("tiny-text")); }),
      HasSubstr("layer block_0: expected shape [2, 3, 7] as its card says, found [2, 3, 6]"));
}

TEST(Runner, CountsTheOutputs) {
  const auto package =
      lying_package([](json& card) { card["identity"]["scalars"] = json::array(); });
  const auto runner = open_runner(package, {});
  EXPECT_THAT(refusal([&] { run_text(*runner, expected_of("tiny-text")); }),
              HasSubstr("expected 2 output tensors (2 layers), found 3"));
}

}  // namespace
}  // namespace consilience::models
