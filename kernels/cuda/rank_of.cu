#include <algorithm>
#include <numeric>
#include <optional>
#include <vector>

#include "kernels/cuda/device/warp.cuh"
#include "kernels/cuda/device_memory.h"
#include "kernels/cuda/devices.h"
#include "kernels/cuda/exact_scores.h"
#include "kernels/cuda/feature_rows.h"
#include "kernels/cuda/launch.cuh"
#include "kernels/ops/backends.h"

namespace consilience::kernels::cuda {
namespace {

using device::kAllLanes;
constexpr int64_t kWarp = device::kWarp;
constexpr unsigned kBlock = 256;
constexpr int64_t kAsked = 8;  // columns that a warp counts for at once
constexpr int64_t kWorkspaceBytes = int64_t{256} << 20;
constexpr int64_t kGalleryBlocks = 2;  // of a gallery that does not fit: one comes, one is used

/// Scores of some queries with the whole gallery, block of columns after block, in each block one
/// query after the other.
struct Merits {
  const double* values;
  int64_t queries, n, block;

  __device__ double at(int64_t query, int64_t j) const {
    const int64_t first = j / block * block;
    const int64_t width = n - first < block ? n - first : block;
    return values[first * queries + query * width + j - first];
  }
};

/// Rows that do not count.
struct LeftOut {
  const int32_t* self;         // [queries] -1: none
  const int32_t* query_group;  // [queries]; null: no groups
  const int32_t* gallery_group;

  __device__ bool has(int64_t query, int64_t j) const {
    return self[query] == j || (query_group != nullptr && query_group[query] == gallery_group[j]);
  }
};

/// A warp for kAsked columns of a query. columns, ranks [queries, m].
__global__ void count_before(Merits merits, LeftOut left_out, const int32_t* columns, int64_t m,
                             int32_t* ranks) {
  const int64_t groups = (m + kAsked - 1) / kAsked;
  const int64_t warp = (int64_t{blockIdx.x} * blockDim.x + threadIdx.x) / kWarp;
  const int64_t query = warp / groups;
  if (query >= merits.queries) return;  // a whole warp
  const int64_t first = warp % groups * kAsked;
  double asked[kAsked];
  int64_t column[kAsked];
  unsigned before[kAsked] = {};
  for (int64_t c = 0; c < kAsked; ++c) {  // past the end the last one, not kept
    column[c] = columns[query * m + (first + c < m ? first + c : m - 1)];
    asked[c] = merits.at(query, column[c]);
  }
  for (int64_t j = threadIdx.x % kWarp; j < merits.n; j += kWarp) {
    if (left_out.has(query, j)) continue;
    const double merit = merits.at(query, j);
    for (int64_t c = 0; c < kAsked; ++c)
      before[c] += merit > asked[c] || (merit == asked[c] && j < column[c]);
  }
  for (int64_t c = 0; c < kAsked; ++c) {
    const unsigned count = __reduce_add_sync(kAllLanes, before[c]);
    if (threadIdx.x % kWarp == 0 && first + c < m)
      ranks[query * m + first + c] = static_cast<int32_t>(1 + count);
  }
}

/// What is on the device at once.
struct Plan {
  int64_t queries;  // a block
  int64_t rows;     // of the gallery a block; all of them where they fit
};

Plan plan_of(int64_t q, int64_t n, int64_t m, int64_t d) {
  const int64_t row = FeatureRows::bytes_a_row(d);
  const int64_t each_query = n * int64_t{sizeof(double)} + 2 * m * int64_t{sizeof(int32_t)} + row;
  const int64_t usable = usable_bytes() - n * int64_t{sizeof(int32_t)};
  if (n * row + each_query <= usable) {
    const int64_t room = std::min(usable - n * row, kWorkspaceBytes);
    return {std::clamp<int64_t>(room / each_query, 1, q), n};
  }
  // Each block of queries meets the whole gallery on its way: as many at once as may be.
  const int64_t rows = std::clamp<int64_t>(usable / 2 / kGalleryBlocks / row, 1, n);
  return {std::clamp<int64_t>(usable / 2 / each_query, 1, q), rows};
}

/// The gallery on the device, whole or block after block.
class Gallery {
 public:
  Gallery(const Context& context, const Conditioned& side, int64_t block)
      : n_(side.x.rows()), block_(block) {
    for (int64_t b = 0; b < (block < n_ ? kGalleryBlocks : 1); ++b)
      slots_[static_cast<size_t>(b)].emplace(context, side, block);
  }

  /// Queues score(columns, first of them) on `stream` for every block, the next one on its way.
  template <typename Score>
  void for_each(const Stream& stream, const Score& score) {
    for (int64_t first = 0; first < n_; first += block_) {
      Slot& slot = *slots_[static_cast<size_t>(first / block_ % kGalleryBlocks)];
      if (slot.first != first) {
        slot.used.hold_back(upload_stream_);
        std::vector<int32_t> rows(static_cast<size_t>(std::min(block_, n_ - first)));
        std::iota(rows.begin(), rows.end(), static_cast<int32_t>(first));
        slot.rows.upload(rows, upload_stream_);
        slot.first = first;
      }
      score(slot.rows, first);
      slot.used.record(stream);
    }
  }

 private:
  struct Slot {
    Slot(const Context& context, const Conditioned& side, int64_t block)
        : rows(context, side, block) {}

    FeatureRows rows;
    int64_t first = -1;
    Event used;
  };

  int64_t n_;
  int64_t block_;
  Stream upload_stream_;
  std::optional<Slot> slots_[kGalleryBlocks];
};

/// Self and groups of a block of queries on the device.
class LeftOutRows {
 public:
  LeftOutRows(const RankParams& params, int64_t block, int64_t n, const Stream& stream)
      : params_(params), self_(block), query_group_(block), gallery_group_(n) {
    if (!params.gallery_group.empty()) gallery_group_.upload(params.gallery_group, stream);
  }

  /// Of queries [begin, begin + count); waits for what is queued on `stream`.
  LeftOut upload(int64_t begin, int64_t count, const Stream& stream) {
    std::vector<int32_t> self(static_cast<size_t>(count), -1);
    const auto some = [&](auto values) {
      return values.subspan(static_cast<size_t>(begin), static_cast<size_t>(count));
    };
    if (!params_.self.empty())
      std::ranges::transform(some(params_.self), self.begin(),
                             [](int64_t j) { return static_cast<int32_t>(j); });
    self_.upload(self, stream);
    const bool grouped = !params_.query_group.empty();
    if (grouped) query_group_.upload(some(params_.query_group), stream);
    stream.synchronize();
    return {self_.data(), grouped ? query_group_.data() : nullptr, gallery_group_.data()};
  }

 private:
  const RankParams& params_;
  DeviceBuffer<int32_t> self_;
  DeviceBuffer<int32_t> query_group_;
  DeviceBuffer<int32_t> gallery_group_;
};

}  // namespace

/// Memory on the device: the gallery's features and 256 MiB of scores; or, where the gallery does
/// not fit, half of what is free for two blocks of it, half for scores, and the gallery comes once
/// for every block of queries.
void rank_of(const Context& context, const Conditioned& queries, const Conditioned& gallery,
             const RankParams& params, MatrixView<const int32_t> columns,
             MatrixView<int32_t> ranks) {
  const CurrentDevice device(context);
  const Stream stream;
  const int64_t q = columns.rows();
  const int64_t m = columns.cols();
  const int64_t n = gallery.x.rows();
  const Plan plan = plan_of(q, n, m, queries.x.cols());
  Gallery blocks(context, gallery, plan.rows);
  FeatureRows rows(context, queries, plan.queries);
  DeviceBuffer<double> merits(plan.queries * n);
  DeviceBuffer<int32_t> asked(plan.queries * m);
  DeviceBuffer<int32_t> found(plan.queries * m);
  LeftOutRows left_out(params, plan.queries, n, stream);
  for (int64_t begin = 0; begin < q; begin += plan.queries) {
    const int64_t count = std::min(plan.queries, q - begin);
    std::vector<int32_t> some(static_cast<size_t>(count));
    std::iota(some.begin(), some.end(), static_cast<int32_t>(begin));
    rows.upload(some, stream);
    blocks.for_each(stream, [&](const FeatureRows& part, int64_t first) {
      score_all(rows, 0, count, part, params.similarity, merits.data() + first * count, stream);
    });
    std::vector<int32_t> wanted;
    for (int64_t i = begin; i < begin + count; ++i)
      wanted.insert(wanted.end(), columns.row(i).begin(), columns.row(i).end());
    asked.upload(wanted, stream);
    const LeftOut out = left_out.upload(begin, count, stream);
    const int64_t warps = count * ((m + kAsked - 1) / kAsked);
    launch(count_before, static_cast<unsigned>((warps * kWarp + kBlock - 1) / kBlock), kBlock, 0,
           stream.get(), Merits{merits.data(), count, n, plan.rows}, out, asked.data(), m,
           found.data());
    const std::vector<int32_t> counts = found.download(count * m, stream);
    for (int64_t i = 0; i < count; ++i)
      std::copy_n(counts.begin() + i * m, m, ranks.row(begin + i).begin());
  }
}

}  // namespace consilience::kernels::cuda
