#include "models/torchscript/module.h"

#include <ATen/autocast_mode.h>
#include <ATen/core/Tensor.h>
#include <ATen/core/ivalue.h>
#include <ATen/ops/empty.h>
#include <c10/core/InferenceMode.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/runtime/graph_executor.h>
#include <torch/csrc/jit/runtime/jit_exception.h>
#include <torch/csrc/jit/serialization/import.h>

#include <array>
#include <cstring>
#include <new>

#include "kernels/base/error.h"
#include "models/torchscript/output.h"
#include "models/torchscript/settings.h"

namespace consilience::models::torchscript {
namespace {

/// Autocast for one call on this thread.
class Autocast {
 public:
  Autocast(at::DeviceType device, const std::string& compute)
      : device_(device), on_(compute != "f32") {
    if (!on_) return;
    at::autocast::set_autocast_dtype(device, compute == "bf16" ? at::kBFloat16 : at::kHalf);
    at::autocast::set_autocast_enabled(device, true);
    at::autocast::increment_nesting();
  }
  ~Autocast() {
    if (!on_) return;
    if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
    at::autocast::set_autocast_enabled(device_, false);
  }
  Autocast(const Autocast&) = delete;
  Autocast& operator=(const Autocast&) = delete;

 private:
  at::DeviceType device_;
  bool on_;
};

/// The first line of LibTorch's message: the rest is a C++ backtrace.
std::string first_line(const std::string& message) {
  const size_t start = message.find_first_not_of(" \n");
  if (start == std::string::npos) return "no message";
  return message.substr(start, message.find('\n', start) - start).substr(0, 300);
}

/// A TorchScript exception tells the cause last.
std::string last_line(const std::string& message) {
  const size_t end = message.find_last_not_of(" \n");
  if (end == std::string::npos) return "no message";
  const size_t start = message.rfind('\n', end);
  return message.substr(start == std::string::npos ? 0 : start + 1, end + 1).substr(0, 300);
}

/// Calls `work`; LibTorch's exceptions become this project's.
template <typename Work>
auto translated(const std::string& what, const Work& work) {
  try {
    return work();
  } catch (const c10::OutOfMemoryError& error) {
    fail(Failure::out_of_memory, "{}: out of memory: {}", what,
         first_line(error.what_without_backtrace()));
  } catch (const std::bad_alloc&) {
    fail(Failure::out_of_memory, "{}: out of memory", what);
  } catch (const c10::Error& error) {
    const std::string message = error.what_without_backtrace();
    const bool memory = message.find("can't allocate memory") != std::string::npos ||
                        message.find("out of memory") != std::string::npos;
    fail(memory ? Failure::out_of_memory : Failure::never, "{}: {}", what, first_line(message));
  } catch (const torch::jit::JITException& error) {
    fail(Failure::never, "{}: {}", what, last_line(error.what()));
  }
}

/// oneDNN's convolutions run on channels-last weights without reordering activations.
void make_channels_last(torch::jit::Module& module) {
  for (at::Tensor parameter : module.parameters())
    if (parameter.dim() == 4)
      parameter.set_data(parameter.contiguous(at::MemoryFormat::ChannelsLast));
}

/// Weights become constants, normalisations fold into convolutions. Freezing inlines calls only
/// while the executor may optimise.
torch::jit::Module frozen(const torch::jit::Module& module) {
  struct Optimising {
    Optimising() { torch::jit::setGraphExecutorOptimize(true); }
    ~Optimising() { torch::jit::setGraphExecutorOptimize(false); }
  };
  const Optimising optimising;
  return torch::jit::freeze(module);
}

/// Copied: LibTorch's own memory is aligned, and alignment may decide a bit.
template <typename T>
at::Tensor tensor_of(std::span<const T> values, at::IntArrayRef shape, at::ScalarType type) {
  at::Tensor tensor = at::empty(shape, type);
  std::memcpy(tensor.mutable_data_ptr(), values.data(), values.size_bytes());
  return tensor;
}

}  // namespace

struct Module::Impl {
  ModelCard card;
  RunnerOptions options;
  c10::Device device{at::kCPU};
  torch::jit::Module module;

  [[nodiscard]] BatchFeatures call(std::vector<c10::IValue> inputs, int64_t batch) {
    use_intra_op_threads(options.intra_op_threads);
    return translated("model " + card.key(), [&] {
      const c10::InferenceMode inference;
      const Autocast autocast(device.type(), options.compute);
      const c10::IValue output = module.forward(std::move(inputs));
      return unpack(output, card, batch);
    });
  }
};

Module::Module(const std::filesystem::path& archive, const ModelCard& card,
               const RunnerOptions& options)
    : impl_(std::make_unique<Impl>()) {
  settle_executor();
  use_intra_op_threads(options.intra_op_threads);
  impl_->card = card;
  impl_->options = options;
  impl_->device = c10::Device(options.device);
  impl_->module = translated(archive.string(), [&] {
    torch::jit::Module module = torch::jit::load(archive.string(), impl_->device, false);
    module.eval();
    if (card.channels_last) make_channels_last(module);
    return card.freeze ? frozen(module) : module;
  });
}

Module::~Module() = default;

BatchFeatures Module::run(const TokenBatch& batch) {
  const c10::InferenceMode inference;
  const std::array<int64_t, 2> shape{batch.batch, batch.length};
  return impl_->call({tensor_of(batch.ids, shape, at::kLong).to(impl_->device),
                      tensor_of(batch.mask, shape, at::kLong).to(impl_->device)},
                     batch.batch);
}

BatchFeatures Module::run(const PixelBatch& batch) {
  const c10::InferenceMode inference;
  at::Tensor pixels =
      tensor_of(batch.values, {batch.batch, 3, batch.height, batch.width}, at::kFloat)
          .to(impl_->device);
  if (impl_->card.channels_last) pixels = pixels.contiguous(at::MemoryFormat::ChannelsLast);
  return impl_->call({pixels}, batch.batch);
}

}  // namespace consilience::models::torchscript
