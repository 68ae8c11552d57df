#include "kernels/cuda/candidate_lists.h"

#include "kernels/cuda/device/candidate_list.cuh"
#include "kernels/cuda/device_algorithms.h"
#include "kernels/cuda/launch.cuh"

namespace consilience::kernels::cuda {
namespace {

constexpr unsigned kBlock = 256;
constexpr unsigned kWarps = kBlock / device::kWarp;

__global__ void empty_lists(device::Lists lists, device::Bounds queries, int64_t rows) {
  const int64_t p = int64_t{blockIdx.x} * blockDim.x + threadIdx.x;
  if (p >= rows) return;
  lists.count[p] = 0;
  lists.limit[p] = static_cast<int32_t>(next_limit(0, lists.room));
  lists.threshold[p] = queries.offset[p] == kFilled ? kNothing : kEverything;
}

/// One warp a query.
__global__ void compact_lists(device::Lists lists, device::Bounds queries, int64_t begin,
                              int64_t end, int64_t seen) {
  const int64_t p = begin + int64_t{blockIdx.x} * kWarps + threadIdx.x / device::kWarp;
  if (p >= end) return;
  device::WarpList list(lists, queries, p);
  if (list.given_up()) return;
  list.compact(seen);
  list.store();
}

/// One warp a query: its candidates to `column` and `exact` from where the one before it ends.
__global__ void gather_lists(device::Lists lists, int64_t begin, int64_t end,
                             const int32_t* list_end, int32_t* column, double* exact) {
  const int64_t row = int64_t{blockIdx.x} * kWarps + threadIdx.x / device::kWarp;
  const int64_t p = begin + row;
  if (p >= end) return;
  const int64_t first = row == 0 ? 0 : list_end[row - 1];
  const auto* scores = reinterpret_cast<const double*>(lists.ends + p * 2 * lists.stride);
  for (int64_t c = threadIdx.x % device::kWarp; c < lists.count[p]; c += device::kWarp) {
    column[first + c] = lists.column[p * lists.stride + c];
    exact[first + c] = scores[c];
  }
}

unsigned blocks_of_warps(int64_t rows) {
  return static_cast<unsigned>((rows + kWarps - 1) / kWarps);
}

}  // namespace

int64_t CandidateLists::stride(int k) { return candidate_room(k) + int64_t{device::kWarp}; }

CandidateLists::CandidateLists(int64_t rows, int64_t gallery, int64_t features, int k)
    : k_(k),
      gallery_(gallery),
      width_(believed_error(features)),
      ends_(rows * 2 * stride(k)),
      column_(rows * stride(k)),
      count_(rows),
      limit_(rows),
      threshold_(rows) {}

device::Lists CandidateLists::view() const {
  return {ends_.data(), column_.data(),     count_.data(),   limit_.data(), threshold_.data(),
          stride(k_),   candidate_room(k_), int64_t{k_} + 1, gallery_,      width_};
}

void CandidateLists::start(const PackedRows& queries, const Stream& stream) {
  rows_ = queries.rows();
  if (rows_ == 0) return;
  launch(empty_lists, static_cast<unsigned>((rows_ + kBlock - 1) / kBlock), kBlock, 0, stream.get(),
         view(), queries.bounds(), rows_);
}

void CandidateLists::compact(const device::Bounds& queries, int64_t begin, int64_t end,
                             int64_t seen, const Stream& stream) {
  if (begin == end) return;
  launch(compact_lists, blocks_of_warps(end - begin), kBlock, 0, stream.get(), view(), queries,
         begin, end, seen);
}

CandidateLists::Found CandidateLists::found(int64_t begin, int64_t end,
                                            const Stream& stream) const {
  DeviceBuffer<int32_t> ends(end - begin);
  inclusive_scan(count_.data() + begin, ends.data(), end - begin, stream);
  Found result;
  result.end = ends.download(end - begin, stream);
  const int64_t total = result.end.empty() ? 0 : result.end.back();
  if (total == 0) return result;
  DeviceBuffer<int32_t> column(total);
  DeviceBuffer<double> exact(total);
  launch(gather_lists, blocks_of_warps(end - begin), kBlock, 0, stream.get(), view(), begin, end,
         static_cast<const int32_t*>(ends.data()), column.data(), exact.data());
  result.column = column.download(total, stream);
  result.exact = exact.download(total, stream);
  return result;
}

}  // namespace consilience::kernels::cuda
