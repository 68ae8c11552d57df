#include "kernels/cuda/candidate_scan.h"

#include "kernels/cuda/device/candidate_list.cuh"
#include "kernels/cuda/device/shared.cuh"
#include "kernels/cuda/launch.cuh"

namespace consilience::kernels::cuda {
namespace {

constexpr unsigned kBlock = 256;
constexpr unsigned kWarps = kBlock / device::kWarp;
constexpr int64_t kAtOnce = 4;  // scores that a thread reads before it looks at any

struct Scan {
  ScoredTile tile;
  device::Lists lists;
  device::Bounds queries;
  device::Bounds columns;  // of the tile's first column on
  device::Barred barred;
};

/// Query p and column j (places) may be neighbours.
__device__ bool eligible(const device::Barred& barred, int64_t p, int64_t j) {
  if (barred.column != nullptr && barred.column[p] == j) return false;
  return barred.query_group == nullptr || barred.query_group[p] != barred.gallery_group[j];
}

/// What a product says of a pair, as seen from one of its rows.
struct Pair {
  float scale;   // q_i q_j, a power of two
  float error;   // h_i + h_j
  float offset;  // of the other row
  float slack;

  [[nodiscard]] __device__ float reach(float y) const { return (y + error) * scale + offset; }
  [[nodiscard]] __device__ float upper(float y) const {
    return (y * scale + offset) + scale * error * kRoundingRoom;
  }
  [[nodiscard]] __device__ float believed(float y, float width) const {
    return (y * scale + offset) - (scale * error * kRoundingRoom * width + slack);
  }
};

/// The scores that a thread looks at next are on their way while it looks at the last.
template <typename Load>
class Ahead {
 public:
  __device__ Ahead(const Load& load, int64_t first) : load_(load) { fetch(first); }

  /// Those fetched before; fetches what `next` begins.
  __device__ void take(float (&scores)[kAtOnce], int64_t next) {
    for (int64_t t = 0; t < kAtOnce; ++t) scores[t] = coming_[t];
    fetch(next);
  }

 private:
  __device__ void fetch(int64_t first) {
    for (int64_t t = 0; t < kAtOnce; ++t) coming_[t] = load_(first, t);
  }

  const Load& load_;
  float coming_[kAtOnce] = {};
};

/// One warp a query, along its row of the tile.
__device__ void scan_row(const Scan& scan, int64_t row) {
  const ScoredTile& tile = scan.tile;
  const int64_t p = tile.first_row + row;
  device::WarpList list(scan.lists, scan.queries, p);
  if (list.given_up()) return;
  const float q = scan.queries.scale[p];
  const float h = scan.queries.error[p];
  const float* y = tile.y + row * tile.stride;
  const auto lane = static_cast<int64_t>(threadIdx.x % device::kWarp);
  constexpr int64_t kStep = kAtOnce * int64_t{device::kWarp};
  const auto column = [&](int64_t first, int64_t t) {
    return first + t * int64_t{device::kWarp} + lane;
  };
  const auto load = [&](int64_t first, int64_t t) {
    const int64_t c = column(first, t);
    return c < tile.columns ? y[c] : 0.0F;
  };
  Ahead ahead(load, 0);
  for (int64_t first = 0; first < tile.columns && !list.given_up(); first += kStep) {
    float product[kAtOnce];
    ahead.take(product, first + kStep);
    for (int64_t t = 0; t < kAtOnce; ++t) {
      const int64_t c = column(first, t);
      Pair pair = {0, 0, kFilled, 0};
      if (c < tile.columns) {
        pair = {q * scan.columns.scale[c], h + scan.columns.error[c], scan.columns.offset[c],
                scan.columns.slack[c]};
      }
      const bool reaches = pair.reach(product[t]) >= list.threshold();
      if (__any_sync(device::kAllLanes, reaches) == 0) continue;
      const int64_t j = tile.first_column + c;
      list.append(reaches && eligible(scan.barred, p, j), pair.upper(product[t]),
                  pair.believed(product[t], scan.lists.width), static_cast<int32_t>(j),
                  tile.row_seen + first + kStep);
    }
  }
  list.store();
}

/// One block 32 columns: a thread looks down one column, every kWarps-th row; lists are compacted
/// by whole warps in between.
__device__ void scan_columns(const Scan& scan, int64_t first_column) {
  const ScoredTile& tile = scan.tile;
  SHARED(int, count, device::kWarp);
  SHARED(int, limit, device::kWarp);
  SHARED(float, threshold, device::kWarp);
  const auto lane = static_cast<int64_t>(threadIdx.x % device::kWarp);
  const auto warp = static_cast<int64_t>(threadIdx.x / device::kWarp);
  const int64_t c = first_column + lane;
  const int64_t p = tile.first_column + c;  // the column as a query
  const bool live = c < tile.columns;
  if (warp == 0) {
    count[lane] = live ? scan.lists.count[p] : 0;
    limit[lane] = live ? scan.lists.limit[p] : INT_MAX;
    threshold[lane] = live ? scan.lists.threshold[p] : kNothing;
  }
  __syncthreads();
  const float q = live ? scan.columns.scale[c] : 0.0F;
  const float h = live ? scan.columns.error[c] : 0.0F;
  constexpr int64_t kStep = kAtOnce * int64_t{kWarps};  // at most a warp's worth a column
  static_assert(kStep <= int64_t{device::kWarp});
  const auto load = [&](int64_t first, int64_t t) {
    const int64_t row = first + t * int64_t{kWarps} + warp;
    return live && row < tile.rows ? tile.y[row * tile.stride + c] : 0.0F;
  };
  Ahead ahead(load, 0);
  for (int64_t first = 0; first < tile.rows; first += kStep) {
    float product[kAtOnce];
    ahead.take(product, first + kStep);
    for (int64_t t = 0; t < kAtOnce; ++t) {
      const int64_t row = first + t * int64_t{kWarps} + warp;
      if (!live || row >= tile.rows) continue;
      const int64_t j = tile.first_row + row;  // the row as a column
      const Pair pair = {q * scan.queries.scale[j], h + scan.queries.error[j],
                         scan.queries.offset[j], scan.queries.slack[j]};
      if (pair.reach(product[t]) < threshold[lane] || !eligible(scan.barred, p, j)) continue;
      const int64_t at = atomicAdd(&count[lane], 1);
      float* ends = scan.lists.ends + p * 2 * scan.lists.stride;
      ends[at] = pair.upper(product[t]);
      ends[scan.lists.stride + at] = pair.believed(product[t], scan.lists.width);
      scan.lists.column[p * scan.lists.stride + at] = static_cast<int32_t>(j);
    }
    if (__syncthreads_or(live && count[lane] >= limit[lane]) == 0) continue;
    for (int64_t other = warp; other < int64_t{device::kWarp}; other += kWarps) {
      if (first_column + other >= tile.columns || count[other] < limit[other]) continue;
      const int64_t at = tile.first_column + first_column + other;
      if (lane == 0) scan.lists.count[at] = count[other];
      __syncwarp();
      device::WarpList list(scan.lists, scan.queries, at);
      list.compact(tile.column_seen + first + kStep);
      list.give_up_if_full();
      list.store();
      __syncwarp();
      if (lane == 0) {
        count[other] = scan.lists.count[at];
        limit[other] = scan.lists.limit[at];
        threshold[other] = scan.lists.threshold[at];
      }
    }
    __syncthreads();
  }
  if (warp == 0 && live) scan.lists.count[p] = count[lane];
}

/// The first blocks take 32 columns each, which takes longest; the others rows, a warp each.
__global__ void scan_scores(Scan scan, int64_t column_blocks) {
  if (blockIdx.x < column_blocks) {
    scan_columns(scan, int64_t{blockIdx.x} * int64_t{device::kWarp});
  } else {
    const int64_t row =
        (int64_t{blockIdx.x} - column_blocks) * kWarps + threadIdx.x / device::kWarp;
    if (row < scan.tile.rows) scan_row(scan, row);
  }
}

}  // namespace

void scan_tile(const ScoredTile& tile, const device::Lists& lists, const device::Bounds& queries,
               const device::Bounds& columns, const device::Barred& barred, bool both,
               const Stream& stream) {
  const int64_t from = tile.first_column - tile.column_base;
  const device::Bounds bounds = {columns.scale + from, columns.offset + from, columns.slack + from,
                                 columns.own + from, columns.error + from};
  const int64_t row_blocks = (tile.rows + kWarps - 1) / kWarps;
  const int64_t column_blocks =
      both ? (tile.columns + int64_t{device::kWarp} - 1) / int64_t{device::kWarp} : 0;
  launch(scan_scores, static_cast<unsigned>(row_blocks + column_blocks), kBlock, 0, stream.get(),
         Scan{tile, lists, queries, bounds, barred}, column_blocks);
}

}  // namespace consilience::kernels::cuda
