#include "models/torchscript/segment_file.h"

#include <ATen/core/Tensor.h>
#include <c10/core/DeviceGuard.h>
#include <c10/core/InferenceMode.h>
#include <torch/csrc/jit/runtime/graph_executor.h>
#include <torch/csrc/jit/serialization/import.h>

#include "models/torchscript/translated.h"

namespace consilience::models::torchscript {
namespace {

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

SegmentFile::SegmentFile(const std::filesystem::path& package, const ModelCard& card,
                         const Segment& segment, c10::Device device)
    : file_(package / segment.file),
      name_("model " + card.key()),
      bytes_(segment.bytes),
      device_(device),
      freeze_(card.freeze),
      channels_last_(card.channels_last) {
  if (card.segments.size() > 1) name_ += ", segment " + segment.file;
}

torch::jit::Module SegmentFile::load() const {
  return translated(fmt::format("{}, {} ({} bytes)", name_, file_.string(), bytes_), [&] {
    const c10::InferenceMode as_outside(false);  // weights are the same, whoever asks for them
    const c10::DeviceGuard current(device_);
    torch::jit::Module module = torch::jit::load(file_.string(), device_, false);
    module.eval();
    if (channels_last_) make_channels_last(module);
    return freeze_ ? frozen(module) : module;
  });
}

}  // namespace consilience::models::torchscript
