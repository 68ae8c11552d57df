#pragma once
#include "kernels/cuda/candidate_scan.h"
#include "kernels/cuda/matmul.h"

namespace consilience::kernels::cuda {

/// Multiplies tile after tile and scans them, on the current device. Two rooms that fit the
/// second-level cache together: the product of one tile overlaps the scan of the last.
class TilePipeline {
 public:
  TilePipeline(Arithmetic arithmetic, int64_t d);

  /// Rows and columns of a tile, at most.
  [[nodiscard]] int64_t side() const { return side_; }
  /// Where rows are packed, which products wait for.
  [[nodiscard]] const Stream& products() const { return products_; }
  /// Where lists change.
  [[nodiscard]] const Stream& scans() const { return scans_; }

  /// Some packed rows, from row `first` on, whose first row is at place `base`.
  struct Rows {
    const PackedRows& packed;
    int64_t first;
    int64_t count;
    int64_t base;
  };
  /// Does not synchronise. `row_seen`, `column_seen`, `both`: see ScoredTile, scan_tile.
  void run(const Rows& queries, const Rows& columns, const device::Lists& lists,
           const device::Barred& barred, bool both, int64_t row_seen, int64_t column_seen);

 private:
  struct Room {
    explicit Room(int64_t scores) : y(scores) {}
    DeviceBuffer<float> y;
    Event scored;
    Event scanned;
  };

  int64_t side_;
  RowProducts multiply_;
  Stream products_;
  Stream scans_;
  Room rooms_[2];
  int turn_ = 0;
};

/// Device bytes of a pipeline.
[[nodiscard]] int64_t pipeline_bytes();

}  // namespace consilience::kernels::cuda
