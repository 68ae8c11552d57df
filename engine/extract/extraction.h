#pragma once
#include <atomic>
#include <chrono>

#include "engine/base/progress.h"
#include "engine/extract/batch.h"
#include "engine/extract/chunk_assembler.h"

namespace consilience::engine::extraction {

/// Nanoseconds of all threads in one part of the work.
class Clock {
 public:
  template <typename Work>
  auto time(const Work& work) {
    struct Stop {
      std::atomic<int64_t>& total;
      std::chrono::steady_clock::time_point start = std::chrono::steady_clock::now();
      ~Stop() {
        total += std::chrono::nanoseconds(std::chrono::steady_clock::now() - start).count();
      }
    } const stop{total_};
    return work();
  }
  [[nodiscard]] int64_t total() const { return total_; }

 private:
  std::atomic<int64_t> total_{0};
};

/// Both ends of an extraction, on whatever the model runs: the batches still to do, and where
/// finished ones go.
class Extraction {
 public:
  /// Throws Error(never) for an input that is not the model's.
  Extraction(const ExtractInput& input, const models::ModelCard& card,
             const std::vector<FeatureSlot>& slots, const ExtractOptions& options,
             FeatureSink& sink);

  /// Throws Error(cancelled) once a stop was asked for.
  [[nodiscard]] std::optional<Batch> next();
  /// Batches come in order. `reading`: preparing them takes longer than running them.
  void finish(const Batch& batch, const models::BatchFeatures& features, bool reading);
  /// Says how long it took, and what was left out.
  void end();

 private:
  const models::ModelCard& card_;
  bool quiet_;
  BatchList batches_;
  ChunkAssembler assembler_;
  Progress progress_;
};

}  // namespace consilience::engine::extraction
