#include "models/torchscript/device_runner.h"

#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>
#include <c10/core/CachingDeviceAllocator.h>
#include <c10/core/Event.h>
#include <c10/core/InferenceMode.h>
#include <c10/core/StreamGuard.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <type_traits>

#include "kernels/ops/prepare_pictures.h"
#include "models/packed_features.h"
#include "models/pixel_recipe.h"
#include "models/torchscript/archive.h"
#include "models/torchscript/output.h"
#include "models/torchscript/translated.h"

namespace consilience::models::torchscript {
namespace {

/// One-dimensional, of bytes.
class TensorBuffer : public Buffer {
 public:
  explicit TensorBuffer(at::Tensor tensor) : tensor_(std::move(tensor)) {}
  [[nodiscard]] std::byte* data() override {
    return static_cast<std::byte*>(tensor_.mutable_data_ptr());
  }
  [[nodiscard]] int64_t bytes() const override { return tensor_.numel(); }
  [[nodiscard]] at::Tensor first(int64_t bytes) const { return tensor_.narrow(0, 0, bytes); }

 private:
  at::Tensor tensor_;
};

const TensorBuffer& tensor_of(const Buffer& buffer) {
  return static_cast<const TensorBuffer&>(buffer);
}

struct StreamEvent : Event {
  explicit StreamEvent(c10::DeviceType type) : event(type) {}
  c10::Event event;
};

c10::Event& event_of(Event& event) { return static_cast<StreamEvent&>(event).event; }

class TorchDeviceRunner : public DeviceRunner {
 public:
  TorchDeviceRunner(const std::filesystem::path& package, ModelCard card,
                    const RunnerOptions& options)
      : archive_(package, card, options),
        guard_(archive_.device().type()),
        streams_{guard_.getNewStream(archive_.device()), guard_.getNewStream(archive_.device()),
                 guard_.getNewStream(archive_.device())} {
    wait_for_all();  // weights go up on a stream of LibTorch's own
  }

  ~TorchDeviceRunner() override {
    try {
      wait_for_all();
    } catch (const Error&) {  // told before: the device is lost, and nothing runs on it any more
    }
  }

  [[nodiscard]] const ModelCard& card() const override { return archive_.card(); }

  std::unique_ptr<Buffer> allocate_pinned(int64_t bytes) override {
    return on(Queue::upload, "pinned memory", [&]() -> std::unique_ptr<Buffer> {
      const auto options = at::TensorOptions(at::kByte).pinned_memory(is_apart());
      return std::make_unique<TensorBuffer>(at::empty({bytes}, options));
    });
  }

  std::unique_ptr<Buffer> allocate(int64_t bytes, Queue first) override {
    return on(first, "device memory", [&]() -> std::unique_ptr<Buffer> {
      const auto options = at::TensorOptions(at::kByte).device(archive_.device());
      return std::make_unique<TensorBuffer>(at::empty({bytes}, options));
    });
  }

  void upload(Buffer& from, Buffer& to, int64_t bytes) override {
    copy(Queue::upload, from, to, bytes);
  }
  void download(Buffer& from, Buffer& to, int64_t bytes) override {
    copy(Queue::download, from, to, bytes);
  }

  void upload_pictures(std::span<const kernels::ConstPicture> pictures, Buffer& to) override {
    on(Queue::upload, "pictures", [&] {
      if (!pictures_) pictures_.emplace(archive_.device().index(), picture_recipe(*card().pixels));
      pictures_->prepare(pictures, to.data(), guard_.getStreamNativeHandle(stream(Queue::upload)));
    });
  }

  void run_tokens(Buffer& tokens, int64_t batch, int64_t length, Buffer& features) override {
    run(features, batch, [&]() -> std::vector<c10::IValue> {
      const auto bytes = 2 * batch * length * static_cast<int64_t>(sizeof(int64_t));
      const at::Tensor both =
          tensor_of(tokens).first(bytes).view(at::kLong).view({2, batch, length});
      return {both.select(0, 0), both.select(0, 1)};
    });
  }

  void run_pixels(Buffer& pixels, int64_t batch, Buffer& features) override {
    run(features, batch, [&]() -> std::vector<c10::IValue> {
      const int64_t side = card().pixels->crop;
      const auto bytes = 3 * batch * side * side * static_cast<int64_t>(sizeof(float));
      const at::Tensor planar =
          tensor_of(pixels).first(bytes).view(at::kFloat).view({batch, 3, side, side});
      return {card().channels_last ? planar.contiguous(at::MemoryFormat::ChannelsLast) : planar};
    });
  }

  void run_audio(Buffer& waveforms, int64_t batch, int64_t samples, Buffer& features) override {
    run(features, batch, [&]() -> std::vector<c10::IValue> {
      const auto bytes = batch * samples * static_cast<int64_t>(sizeof(float));
      return {tensor_of(waveforms).first(bytes).view(at::kFloat).view({batch, samples})};
    });
  }

  std::unique_ptr<Event> record(Queue queue) override {
    return on(queue, "event", [&]() -> std::unique_ptr<Event> {
      auto event = std::make_unique<StreamEvent>(archive_.device().type());
      event->event.record(stream(queue));
      return event;
    });
  }
  void hold_back(Queue queue, Event& event) override {
    on(queue, "event", [&] { event_of(event).block(stream(queue)); });
  }
  bool reached(Event& event) override {
    return on(Queue::download, "event", [&] { return event_of(event).query(); });
  }
  void wait(Event& event) override {
    on(Queue::download, "event", [&] { event_of(event).synchronize(); });
  }
  void wait_for_all() override {
    on(Queue::compute, "device", [&] { guard_.synchronizeDevice(archive_.device().index()); });
  }

  DeviceMemory memory() override {
    return on(Queue::compute, "memory", [&] {
      auto* allocator = c10::getDeviceAllocator(archive_.device().type());
      constexpr auto kAll = static_cast<size_t>(c10::CachingAllocator::StatType::AGGREGATE);
      DeviceMemory all{std::numeric_limits<int64_t>::max(), 0, 0};
      for (const c10::Device device : archive_.devices()) {
        const auto stats = allocator->getDeviceStats(device.index());
        const int64_t now = stats.allocated_bytes[kAll].current;
        const int64_t passing = archive_.passing_bytes(device);
        const auto free = static_cast<int64_t>(allocator->getMemoryInfo(device.index()).first);
        all.free = std::min(all.free, free + stats.reserved_bytes[kAll].current - now - passing);
        all.used += now + passing;
        all.most_used += stats.allocated_bytes[kAll].peak;
      }
      return all;
    });
  }
  void forget_unused() override {
    on(Queue::compute, "memory", [&] {
      auto* allocator = c10::getDeviceAllocator(archive_.device().type());
      allocator->emptyCache();
      for (const c10::Device device : archive_.devices()) allocator->resetPeakStats(device.index());
    });
  }

 private:
  [[nodiscard]] const c10::Stream& stream(Queue queue) const {
    return streams_[static_cast<size_t>(queue)];
  }
  /// Whether the device has memory of its own.
  [[nodiscard]] bool is_apart() const { return !archive_.device().is_cpu(); }

  /// `work` with `queue` as the current stream of this thread.
  template <typename Work>
  std::invoke_result_t<const Work&> on(Queue queue, const char* what, const Work& work) {
    return translated(fmt::format("model {}, {}", card().key(), what), [&] {
      const c10::InferenceMode inference;
      const c10::StreamGuard current(stream(queue));
      return work();
    });
  }

  void copy(Queue queue, Buffer& from, Buffer& to, int64_t bytes) {
    on(queue, "copy", [&] {
      tensor_of(to).first(bytes).copy_(tensor_of(from).first(bytes), /*non_blocking=*/true);
    });
  }

  template <typename Inputs>
  void run(Buffer& features, int64_t batch, const Inputs& inputs) {
    on(Queue::compute, "run", [&] {
      const std::vector<at::Tensor> outputs = archive_.call(inputs());
      check_shapes(outputs, card(), batch);
      const auto floats = packed_floats(card(), batch);
      const at::Tensor packed =
          tensor_of(features).first(floats * static_cast<int64_t>(sizeof(float))).view(at::kFloat);
      int64_t start = 0;
      for (const at::Tensor& output : outputs) {
        packed.narrow(0, start, output.numel()).view(output.sizes()).copy_(output);
        start += output.numel();
      }
    });
  }

  Archive archive_;
  c10::impl::VirtualGuardImpl guard_;
  std::array<c10::Stream, 3> streams_;
  std::optional<kernels::DevicePictures> pictures_;
};

}  // namespace

std::unique_ptr<DeviceRunner> make_device_runner(const std::filesystem::path& package,
                                                 ModelCard card, const RunnerOptions& options) {
  return std::make_unique<TorchDeviceRunner>(package, std::move(card), options);
}

}  // namespace consilience::models::torchscript
