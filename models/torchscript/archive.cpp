#include "models/torchscript/archive.h"

#include <ATen/autocast_mode.h>
#include <ATen/core/Tensor.h>
#include <c10/core/InferenceMode.h>
#include <torch/csrc/jit/runtime/graph_executor.h>
#include <torch/csrc/jit/serialization/import.h>

#include "models/torchscript/settings.h"
#include "models/torchscript/translated.h"

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

/// oneDNN's and cuDNN's convolutions run on channels-last weights without reordering activations.
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

}  // namespace

Archive::Archive(const std::filesystem::path& file, const ModelCard& card,
                 const RunnerOptions& options)
    : card_(card), options_(options), device_(options.device) {
  settle_executor();
  use_intra_op_threads(options.intra_op_threads);
  module_ = translated(file.string(), [&] {
    torch::jit::Module module = torch::jit::load(file.string(), device_, false);
    module.eval();
    if (card.channels_last) make_channels_last(module);
    return card.freeze ? frozen(module) : module;
  });
}

c10::IValue Archive::call(std::vector<c10::IValue> inputs) {
  use_intra_op_threads(options_.intra_op_threads);
  const c10::InferenceMode inference;
  const Autocast autocast(device_.type(), options_.compute);
  return module_.forward(std::move(inputs));
}

}  // namespace consilience::models::torchscript
