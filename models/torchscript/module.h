#pragma once
#include <filesystem>
#include <memory>
#include <span>

#include "models/card.h"
#include "models/runner.h"

namespace consilience::models::torchscript {

/// A package's network on a device. LibTorch is behind the pointer: its headers cost seconds a
/// file.
class Module {
 public:
  /// Throws Error(never) for an archive that can't be read, Error(out_of_memory).
  Module(const std::filesystem::path& package, const ModelCard& card, const RunnerOptions& options);
  ~Module();
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;

  /// Every element of the output list is checked against the card.
  [[nodiscard]] BatchFeatures run(const TokenBatch& batch);
  [[nodiscard]] BatchFeatures run(const PixelBatch& batch);
  [[nodiscard]] BatchFeatures run(const AudioBatch& batch);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace consilience::models::torchscript
