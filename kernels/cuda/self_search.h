#pragma once
#include <optional>
#include <span>
#include <vector>

#include "kernels/cuda/barred_pairs.h"
#include "kernels/cuda/list_ranking.h"
#include "kernels/cuda/tile_pipeline.h"

namespace consilience::kernels::cuda {

/// The candidate search of a gallery for itself on one device: one tile serves its rows and its
/// columns, so half the products suffice. Several devices share the block pairs; each holds all
/// rows, and lists of what it met.
class SelfSearch {
 public:
  SelfSearch(const NeighborCall& call, const GalleryOrder& order, const ResidualFrame& frame,
             Arithmetic arithmetic);

  /// Device bytes that it takes.
  [[nodiscard]] static int64_t bytes(const NeighborCall& call, Arithmetic arithmetic);

  [[nodiscard]] int64_t blocks() const {
    return (rows() + pipeline_.side() - 1) / pipeline_.side();
  }
  /// The pairs inside a block, which start its rows' thresholds.
  void scan_within(int64_t block);
  void scan(BlockPair pair);
  /// How many rows a product holds but their lists do not; synchronises.
  [[nodiscard]] int64_t given_up() const;
  /// Once all blocks are scanned: exact scores of what is left; synchronises.
  void finish();

  [[nodiscard]] const CandidateLists& lists() const { return lists_; }
  [[nodiscard]] const Stream& stream() const { return pipeline_.scans(); }
  [[nodiscard]] ListProof proof() const;
  [[nodiscard]] std::vector<int32_t> outcasts() const;  // kinds that no product holds

 private:
  [[nodiscard]] int64_t rows() const { return order_.size(); }
  [[nodiscard]] TilePipeline::Rows block(int64_t b) const;
  int64_t& seen(int64_t b) { return seen_[static_cast<size_t>(b)]; }

  const NeighborCall& call_;
  const GalleryOrder& order_;
  TilePipeline pipeline_;
  FeatureRows features_;
  PackedRows packed_;
  BarredPairs barred_;
  CandidateLists lists_;
  std::vector<int64_t> seen_;  // [blocks] columns that a block's rows have met
};

}  // namespace consilience::kernels::cuda
