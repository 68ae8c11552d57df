#pragma once
#include <c10/core/Device.h>
#include <torch/csrc/jit/api/module.h>

#include <filesystem>
#include <string>

#include "models/card.h"

namespace consilience::models::torchscript {

/// A file of a package's network, from which its module can be loaded any number of times.
class SegmentFile {
 public:
  SegmentFile(const std::filesystem::path& package, const ModelCard& card, const Segment& segment,
              c10::Device device);

  [[nodiscard]] c10::Device device() const { return device_; }
  /// "model <key>, segment <file>", or the model alone where it is one file.
  [[nodiscard]] const std::string& name() const { return name_; }

  /// The module on the device, ready to be called. Throws Error(never) for a file that can't be
  /// read, or calls an operator that LibTorch doesn't have; Error(out_of_memory).
  [[nodiscard]] torch::jit::Module load() const;

 private:
  std::filesystem::path file_;
  std::string name_;
  int64_t bytes_;
  c10::Device device_;
  bool freeze_;
  bool channels_last_;
};

}  // namespace consilience::models::torchscript
