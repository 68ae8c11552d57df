#pragma once
#include "engine/extract/batch.h"

namespace consilience::engine::extraction {

/// Puts the rows of finished batches where they belong in their chunk, and hands whole chunks on.
class ChunkAssembler {
 public:
  /// Throws Error(never) for a slot that the card does not have.
  ChunkAssembler(const ExtractInput& input, const models::ModelCard& card,
                 const std::vector<FeatureSlot>& slots, FeatureSink& sink);

  /// Batches come in order.
  void add(const Batch& batch, const models::BatchFeatures& features);

 private:
  void begin_chunk(const Batch& batch);
  void copy_row(const Batch& batch, const models::BatchFeatures& features, size_t b);

  const ExtractInput& input_;
  const models::ModelCard& card_;
  const std::vector<FeatureSlot>& slots_;
  FeatureSink& sink_;
  std::vector<size_t> source_;  // [slot] -> position in BatchFeatures::layers
  FeatureChunk chunk_;
  bool open_ = false;
};

}  // namespace consilience::engine::extraction
