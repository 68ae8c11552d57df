#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "kernels/base/matrix.h"
#include "models/card.h"

namespace consilience::models {

/// [B, T] token ids, padded, with a 0/1 mask.
struct TokenBatch {
  std::span<const int64_t> ids;
  std::span<const int64_t> mask;
  int64_t batch = 0;
  int64_t length = 0;
};

/// [B, 3, H, W] float32, normalised.
struct PixelBatch {
  std::span<const float> values;
  int64_t batch = 0;
  int64_t height = 0;
  int64_t width = 0;
};

/// [B, N] float32: recordings of one length.
struct AudioBatch {
  std::span<const float> values;
  int64_t batch = 0;
  int64_t samples = 0;
};

/// Pooled features of every layer, and per-sample scalars where the card names some.
struct BatchFeatures {
  std::vector<Matrix<float>> layers;  // layer-major, poolings inside: [l * P + p] is [B, D_l]
  Matrix<float> scalars;              // [B, S]
};

struct RunnerOptions {
  std::string device = "cpu";  // "cuda", "cuda:1": open_device_runner()
  int intra_op_threads = 1;
  std::string compute = "f32";  // "bf16", "f16": autocast
  int devices = 1;              // so many from `device` on: a model's segments are dealt over them
  int64_t weights_bytes = 0;    // of weights on a device at a time, 0: all that it gets. Segments
                                // beyond are loaded from their files for each batch
};

/// A model on the CPU. Each call computes the same bits for the same batch.
class Runner {
 public:
  virtual ~Runner() = default;
  [[nodiscard]] virtual const ModelCard& card() const = 0;
  /// May be called from several threads at once.
  virtual BatchFeatures run(const TokenBatch& batch) = 0;
  virtual BatchFeatures run(const PixelBatch& batch) = 0;
  virtual BatchFeatures run(const AudioBatch& batch) = 0;
};

/// Loads a package (checked against its card) for the CPU. Throws Error(never) for a bad package,
/// Error(out_of_memory) when it does not fit.
std::unique_ptr<Runner> open_runner(const std::filesystem::path& package,
                                    const RunnerOptions& options);

/// The version of LibTorch, for numerics classes.
std::string torch_version();

}  // namespace consilience::models
