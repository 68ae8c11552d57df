#pragma once
#include <ATen/core/ivalue.h>
#include <c10/core/Device.h>
#include <torch/csrc/jit/api/module.h>

#include <filesystem>
#include <string>
#include <vector>

#include "models/card.h"
#include "models/runner.h"

namespace consilience::models::torchscript {

/// A package's network on a device, ready to be called.
class Archive {
 public:
  /// Throws Error(never) for an archive that can't be read, Error(out_of_memory).
  Archive(const std::filesystem::path& file, const ModelCard& card, const RunnerOptions& options);

  [[nodiscard]] const ModelCard& card() const { return card_; }
  [[nodiscard]] c10::Device device() const { return device_; }

  /// The output list under the precision of the options, on the device. LibTorch's own exceptions.
  [[nodiscard]] c10::IValue call(std::vector<c10::IValue> inputs);

 private:
  ModelCard card_;
  RunnerOptions options_;
  c10::Device device_;
  torch::jit::Module module_;
};

}  // namespace consilience::models::torchscript
