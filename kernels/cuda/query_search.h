#pragma once
#include <memory>
#include <span>
#include <vector>

#include "kernels/cuda/barred_pairs.h"
#include "kernels/cuda/list_ranking.h"
#include "kernels/cuda/tile_pipeline.h"

namespace consilience::kernels::cuda {

/// The candidate search of chosen queries against the gallery on the current device, which holds
/// the gallery where it fits and else receives it piece by piece, the next one while the last is
/// scanned.
class QuerySearch {
 public:
  /// For at most `queries` queries at a time, fewer where memory is short. Throws
  /// Error(out_of_memory) where the device can't hold a few rows.
  QuerySearch(const NeighborCall& call, const GalleryOrder& order, const ResidualFrame& frame,
              Arithmetic arithmetic, int64_t queries);

  [[nodiscard]] int64_t capacity() const { return capacity_; }

  /// Finds the neighbours of these queries (at most capacity() rows of the query side); what could
  /// not be decided is added to `undecided`. False where `may_refuse` and the arithmetic is too
  /// coarse for these rows: nothing was found.
  [[nodiscard]] bool run(std::span<const int32_t> queries, bool may_refuse,
                         std::vector<int32_t>& undecided, int64_t& candidates);

 private:
  struct Piece {
    Piece(const NeighborCall& call, const ResidualFrame& frame, Arithmetic arithmetic,
          int64_t rows);
    FeatureRows features;
    PackedRows packed;
    ScaledNorms largest;
    int64_t first = -1;  // place of its first row
    bool is_packed = false;
    Event used;
  };
  struct Plan {
    int64_t queries;
    int64_t piece;  // rows
  };
  static Plan plan(const NeighborCall& call, Arithmetic arithmetic, int64_t queries);

  [[nodiscard]] bool resident() const { return piece_rows_ >= order_.size(); }
  /// The piece that begins at place `first`, packed where asked for.
  Piece& bring(int64_t first, bool packed);
  /// False: refused.
  bool scan(int64_t queries, const device::Barred& barred, bool may_refuse);
  void score();

  const NeighborCall& call_;
  const GalleryOrder& order_;
  const ResidualFrame& frame_;
  Plan plan_;
  int64_t capacity_;
  int64_t piece_rows_;
  TilePipeline pipeline_;
  FeatureRows queries_;
  PackedRows packed_;
  CandidateLists lists_;
  std::vector<std::unique_ptr<Piece>> pieces_;  // one that stays, or two in turn
  std::vector<int32_t> outcasts_;               // kinds
  bool outcasts_known_ = false;
};

}  // namespace consilience::kernels::cuda
