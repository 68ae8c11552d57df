#include "kernels/cuda/tile_pipeline.h"

#include <algorithm>
#include <cmath>

namespace consilience::kernels::cuda {
namespace {

/// Scores of a room: of the second-level cache three quarters go to the two.
int64_t room_scores() {
  int device = 0;
  int cache = 0;
  CUDA_CHECK(cudaGetDevice(&device));
  CUDA_CHECK(cudaDeviceGetAttribute(&cache, cudaDevAttrL2CacheSize, device));
  return std::max<int64_t>(int64_t{cache} * 3 / 8 / int64_t{sizeof(float)}, 32 * 32);
}

int64_t tile_side() {
  const auto side = static_cast<int64_t>(std::sqrt(static_cast<double>(room_scores())));
  return std::clamp<int64_t>(side / 32 * 32, 32, 4096);
}

}  // namespace

int64_t pipeline_bytes() {
  return 2 * tile_side() * tile_side() * int64_t{sizeof(float)} + RowProducts::workspace_bytes();
}

TilePipeline::TilePipeline(Arithmetic arithmetic, int64_t d)
    : side_(tile_side()),
      multiply_(arithmetic, padded_features(d)),
      rooms_{Room(side_ * side_), Room(side_ * side_)} {}

void TilePipeline::run(const Rows& queries, const Rows& columns, const device::Lists& lists,
                       const device::Barred& barred, bool both, int64_t row_seen,
                       int64_t column_seen) {
  Room& room = rooms_[turn_];
  turn_ = 1 - turn_;
  room.scanned.hold_back(products_);
  multiply_.multiply(queries.packed.row(queries.first), queries.count,
                     columns.packed.row(columns.first), columns.count, room.y.data(), side_,
                     products_);
  room.scored.record(products_);
  room.scored.hold_back(scans_);
  ScoredTile tile;
  tile.y = room.y.data();
  tile.stride = side_;
  tile.rows = queries.count;
  tile.columns = columns.count;
  tile.first_row = queries.base + queries.first;
  tile.first_column = columns.base + columns.first;
  tile.column_base = columns.base;
  tile.row_seen = row_seen;
  tile.column_seen = column_seen;
  scan_tile(tile, lists, queries.packed.bounds(), columns.packed.bounds(), barred, both, scans_);
  room.scanned.record(scans_);
}

}  // namespace consilience::kernels::cuda
