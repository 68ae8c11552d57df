#pragma once
#include <ATen/core/Tensor.h>
#include <ATen/core/ivalue.h>
#include <c10/core/Device.h>
#include <torch/csrc/jit/api/module.h>

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "models/card.h"
#include "models/runner.h"
#include "models/torchscript/segment_file.h"

namespace consilience::models::torchscript {

/// A package's network on its devices, ready to be called: a chain of segments, of which most
/// models have one. The first is forward(inputs..), each later one forward(inputs.., hidden), where
/// `hidden` is the first tensor of what the one before returned; the rest of that are features, and
/// all that the last one returns. So the outputs are those of the network in one piece.
class Archive {
 public:
  /// Throws Error(never) for an archive that can't be read, Error(out_of_memory).
  Archive(const std::filesystem::path& package, const ModelCard& card,
          const RunnerOptions& options);

  [[nodiscard]] const ModelCard& card() const { return card_; }
  /// Takes the inputs and gives the features.
  [[nodiscard]] c10::Device device() const { return devices_.front(); }
  [[nodiscard]] const std::vector<c10::Device>& devices() const { return devices_; }
  /// Bytes on a device that weights come and go in: of the largest that don't stay.
  [[nodiscard]] int64_t passing_bytes(c10::Device device) const;

  /// The features under the precision of the options, on the devices of their segments. May be
  /// called from several threads at once; they take turns where weights are loaded for each call.
  /// Throws Error(never) naming a segment that returns something else, and LibTorch's own.
  [[nodiscard]] std::vector<at::Tensor> call(const std::vector<c10::IValue>& inputs);

 private:
  struct Link {
    SegmentFile file;
    int64_t bytes;
    std::optional<torch::jit::Module> module;  // none: loaded for each call
  };
  [[nodiscard]] std::vector<at::Tensor> run(Link& link, std::vector<c10::IValue> inputs) const;
  void check_count(const std::vector<size_t>& counts) const;

  ModelCard card_;
  RunnerOptions options_;
  std::vector<c10::Device> devices_;
  std::vector<Link> links_;
  std::unique_ptr<std::mutex> one_at_a_time_;  // where some weights don't stay
};

}  // namespace consilience::models::torchscript
