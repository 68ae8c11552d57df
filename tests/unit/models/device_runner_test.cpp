// What LibTorch does on a device, with the host as the device: only its streams and events are
// stand-ins.
#include "models/device_runner.h"

#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <gmock/gmock.h>

#include <cstring>

#include "kernels/base/error.h"
#include "models/packed_features.h"
#include "models/torchscript/device_runner.h"
#include "tests/support/source_dir.h"

namespace consilience::models {
namespace {

using testing::HasSubstr;

const std::filesystem::path kPackages = source_dir() + "/tests/unit/models/packages";

/// LibTorch's CPU has no events; here everything has happened when it is asked for.
struct HostGuard : c10::impl::NoOpDeviceGuardImpl<c10::DeviceType::CPU> {
  void record(void** event, const c10::Stream&, c10::DeviceIndex, c10::EventFlag) const override {
    if (*event == nullptr) {
      *event = new int;
      ++live_events;
    }
  }
  void destroyEvent(void* event, c10::DeviceIndex) const noexcept override {
    if (event == nullptr) return;
    delete static_cast<int*>(event);
    --live_events;
  }
  void block(void*, const c10::Stream&) const override {}
  bool queryEvent(void*) const override { return true; }
  void synchronizeEvent(void*) const override {}
  void synchronizeDevice(c10::DeviceIndex) const override { ++waits; }
  static inline int live_events = 0;
  static inline int waits = 0;
};

class HostAsDevice : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    static const c10::impl::DeviceGuardImplRegistrar registrar(c10::DeviceType::CPU, new HostGuard);
  }
  void TearDown() override { EXPECT_EQ(HostGuard::live_events, 0); }
  static std::unique_ptr<DeviceRunner> open(const char* name, const char* compute = "f32") {
    return torchscript::make_device_runner(kPackages / name, read_card(kPackages / name),
                                           {"cpu", 1, compute});
  }
};

template <typename T>
std::unique_ptr<Buffer> uploaded(DeviceRunner& device, std::span<const T> values) {
  const auto bytes = static_cast<int64_t>(values.size_bytes());
  const auto pinned = device.allocate_pinned(bytes);
  std::memcpy(pinned->data(), values.data(), values.size_bytes());
  auto there = device.allocate(bytes, Queue::upload);
  device.upload(*pinned, *there, bytes);
  const auto event = device.record(Queue::upload);
  device.hold_back(Queue::compute, *event);
  device.wait(*event);
  EXPECT_TRUE(device.reached(*event));
  return there;
}

BatchFeatures fetched(DeviceRunner& device, Buffer& features, int64_t batch) {
  const int64_t floats = packed_floats(device.card(), batch);
  const auto pinned = device.allocate_pinned(features.bytes());
  device.download(features, *pinned, floats * 4);
  device.wait(*device.record(Queue::download));
  return unpack_features(
      {reinterpret_cast<const float*>(pinned->data()), static_cast<size_t>(floats)}, device.card(),
      batch);
}

void expect_same(const BatchFeatures& found, const BatchFeatures& expected) {
  ASSERT_EQ(found.layers.size(), expected.layers.size());
  for (size_t l = 0; l < found.layers.size(); ++l)
    EXPECT_EQ(found.layers[l].values(), expected.layers[l].values()) << l;
  EXPECT_EQ(found.scalars.values(), expected.scalars.values());
}

const std::vector<int64_t> kTokens = {1, 5, 9, 0, 2, 7, 3, 4, 1, 1, 1, 0, 1, 1, 1, 1};  // and mask

TEST_F(HostAsDevice, TokensGiveTheCpuRunnersBits) {
  for (const char* compute : {"f32", "bf16"}) {
    const auto runner = open_runner(kPackages / "tiny-text", {"cpu", 1, compute});
    const std::span<const int64_t> all(kTokens);
    const auto expected = runner->run(TokenBatch{all.first(8), all.last(8), 2, 4});
    const auto device = open("tiny-text", compute);
    const auto tokens = uploaded(*device, all);
    const auto features =
        device->allocate(packed_floats(device->card(), 3) * 4, Queue::compute);  // roomy
    device->run_tokens(*tokens, 2, 4, *features);
    expect_same(fetched(*device, *features, 2), expected);
  }
}

TEST_F(HostAsDevice, PixelsGiveTheCpuRunnersBits) {
  std::vector<float> pixels(2 * 3 * 8 * 8);
  for (size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<float>(i % 17) / 8 - 1;
  const auto runner = open_runner(kPackages / "tiny-vision", {});
  const auto expected = runner->run(PixelBatch{pixels, 2, 8, 8});
  const auto device = open("tiny-vision");
  const auto there = uploaded(*device, std::span<const float>(pixels));
  const auto features = device->allocate(packed_floats(device->card(), 2) * 4, Queue::compute);
  device->run_pixels(*there, 2, *features);
  expect_same(fetched(*device, *features, 2), expected);
}

TEST_F(HostAsDevice, WaveformsGiveTheCpuRunnersBits) {
  std::vector<float> waveforms(2 * 50);
  for (size_t i = 0; i < waveforms.size(); ++i) waveforms[i] = static_cast<float>(i % 23) / 11 - 1;
  const auto runner = open_runner(kPackages / "tiny-audio", {});
  const auto expected = runner->run(AudioBatch{waveforms, 2, 50});
  const auto device = open("tiny-audio");
  const auto there = uploaded(*device, std::span<const float>(waveforms));
  const auto features = device->allocate(packed_floats(device->card(), 2) * 4, Queue::compute);
  device->run_audio(*there, 2, 50, *features);
  expect_same(fetched(*device, *features, 2), expected);
}

/// Dealt over devices, and loaded for each batch.
TEST_F(HostAsDevice, SegmentsGiveTheUncutModelsBits) {
  const auto runner = open_runner(kPackages / "tiny-text", {});
  const std::span<const int64_t> all(kTokens);
  const auto expected = runner->run(TokenBatch{all.first(8), all.last(8), 2, 4});
  const std::filesystem::path package = kPackages / "tiny-text-cut";
  const ModelCard card = read_card(package);
  const int64_t most = card.segments.front().bytes;
  for (const auto& [devices, bytes] : {std::pair{1, int64_t{0}}, {1, most}, {3, int64_t{0}}}) {
    RunnerOptions options;
    options.devices = devices;
    options.weights_bytes = bytes;
    const auto device = torchscript::make_device_runner(package, card, options);
    const auto tokens = uploaded(*device, all);
    const auto features = device->allocate(packed_floats(card, 2) * 4, Queue::compute);
    for (int batch = 0; batch < 2; ++batch) {
      device->run_tokens(*tokens, 2, 4, *features);
      expect_same(fetched(*device, *features, 2), expected);
    }
  }
}

TEST_F(HostAsDevice, NothingIsLeftUnderWay) {
  const int before = HostGuard::waits;
  open("tiny-text");
  EXPECT_EQ(HostGuard::waits - before, 2);  // the weights are there; nothing uses them any more
}

template <typename Work>
void expect_error(Failure kind, const std::string& text, const Work& work) {
  try {
    work();
    FAIL() << "went through";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), kind);
    EXPECT_THAT(error.what(), HasSubstr(text));
  }
}

TEST_F(HostAsDevice, LibTorchsErrorsBecomeOneLine) {
  const auto device = open("tiny-text");
  expect_error(Failure::out_of_memory, "device memory: ", [&] {
    (void)device->allocate(int64_t{1} << 55, Queue::compute);
  });
  const auto tokens = uploaded(*device, std::span<const int64_t>(kTokens));
  const auto small = device->allocate(16, Queue::compute);
  expect_error(Failure::never, "tiny-text@", [&] { device->run_tokens(*tokens, 2, 4, *small); });
  expect_error(Failure::never, "copy", [&] { device->download(*tokens, *small, 1000); });
}

}  // namespace
}  // namespace consilience::models
