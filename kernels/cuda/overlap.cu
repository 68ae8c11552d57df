#include <algorithm>
#include <vector>

#include "kernels/cuda/device/bit_counters.cuh"
#include "kernels/cuda/device/shared.cuh"
#include "kernels/cuda/devices.h"
#include "kernels/cuda/launch.cuh"
#include "kernels/cuda/row_chunks.h"
#include "kernels/ops/backends.h"

namespace consilience::kernels::cuda {
namespace {

using Count = unsigned long long;  // what 64-bit atomics take

constexpr int64_t kWarp = 32;
constexpr int64_t kMaskLayers = 32;    // of the first side, a bit each
constexpr int64_t kMostThreads = 256;  // a block, a layer of the second side each
constexpr int64_t kBlocksAProcessor = 16;
constexpr int kSmallTable = 1024;
constexpr int kLargeTable = 10240;  // 40 KiB

/// Lists of some rows, one row after the other: of each the first side's layers, then the second's.
struct Lists {
  const int32_t* entries;
  int64_t rows;
  int64_t layers_a, layers_b, k;
  int64_t n;          // entries are below
  const int32_t* to;  // [n] relabels the first side's entries

  __device__ const int32_t* list(int64_t row, int64_t layer) const {
    return entries + (row * (layers_a + layers_b) + layer) * k;
  }
};

/// The entries of one row of up to 32 layers of the first side: body(layer, relabelled entry).
template <typename Body>
__device__ void for_each_entry(const Lists& lists, int64_t row, int64_t first, int64_t layers,
                               const Body& body) {
  for (int64_t l = threadIdx.x / kWarp; l < layers; l += blockDim.x / kWarp) {
    const int32_t* list = lists.list(row, first + l);
    for (int64_t c = threadIdx.x % kWarp; c < lists.k; c += kWarp) body(l, lists.to[list[c]]);
  }
}

__device__ void flush(device::BitCounters& counters, int64_t layers, int64_t layers_b,
                      Count* counts) {
  for (int l = 0; l < static_cast<int>(layers); ++l)
    atomicAdd(counts + l * layers_b, static_cast<Count>(counters.value(l)));
  counters.clear();
}

/// counts [A, B] += shared entries. Block (x, y, z): some rows, 32 layers of the first side, a
/// layer of the second a thread. A table says of every entry which of the 32 layers list it; where
/// there is no room for all entries, a range of them at a time.
template <int kTable>
__global__ void count_shared(Lists lists, Count* counts) {
  using device::BitCounters;
  SHARED(unsigned, table, kTable);
  const int64_t first = blockIdx.y * kMaskLayers;
  const int64_t layers =
      lists.layers_a - first < kMaskLayers ? lists.layers_a - first : kMaskLayers;
  const int64_t own = int64_t{blockIdx.z} * blockDim.x + threadIdx.x;
  const bool active = own < lists.layers_b;
  Count* own_counts = counts + first * lists.layers_b + own;
  BitCounters counters;
  counters.clear();
  int64_t added = 0;
  for (int e = static_cast<int>(threadIdx.x); e < kTable; e += static_cast<int>(blockDim.x))
    table[e] = 0;
  for (int64_t row = blockIdx.x; row < lists.rows; row += gridDim.x) {
    for (int64_t base = 0; base < lists.n; base += kTable) {
      __syncthreads();
      for_each_entry(lists, row, first, layers, [&](int64_t l, int64_t j) {
        if (j >= base && j < base + kTable) atomicOr(table + (j - base), 1U << l);
      });
      __syncthreads();
      const int32_t* list = lists.list(row, lists.layers_a + own);
      for (int64_t c = 0; active && c < lists.k; c += BitCounters::kGroup) {
        unsigned masks[BitCounters::kGroup];
        for (int g = 0; g < BitCounters::kGroup; ++g) {
          const int64_t j = c + g < lists.k ? list[c + g] - base : -1;
          masks[g] = j >= 0 && j < kTable ? table[j] : 0;
        }
        if (added + BitCounters::kGroup > BitCounters::kMost) {
          flush(counters, layers, lists.layers_b, own_counts);
          added = 0;
        }
        counters.add(masks);
        added += BitCounters::kGroup;
      }
      __syncthreads();
      for_each_entry(lists, row, first, layers, [&](int64_t, int64_t j) {
        if (j >= base && j < base + kTable) table[j - base] = 0;
      });
    }
  }
  if (active) flush(counters, layers, lists.layers_b, own_counts);
}

/// A warp a row of lists [rows, 2 k]: out [rows] = how many of the first k are among the last.
__global__ void count_in_row(const int32_t* lists, int64_t rows, int64_t k, int32_t* out) {
  constexpr unsigned kAll = 0xFFFFFFFFU;
  const int64_t row = (int64_t{blockIdx.x} * blockDim.x + threadIdx.x) / kWarp;
  if (row >= rows) return;  // a whole warp
  const int32_t* a = lists + row * 2 * k;
  const int32_t* b = a + k;
  unsigned count = 0;
  for (int64_t c = threadIdx.x % kWarp; c < k; c += kWarp) {
    const int32_t wanted = b[c];
    bool listed = false;
    for (int64_t e = 0; e < k; ++e) listed |= a[e] == wanted;
    count += listed;
  }
  count = __reduce_add_sync(kAll, count);
  if (threadIdx.x % kWarp == 0) out[row] = static_cast<int32_t>(count);
}

int64_t processors() {
  int device = 0;
  int count = 0;
  CUDA_CHECK(cudaGetDevice(&device));
  CUDA_CHECK(cudaDeviceGetAttribute(&count, cudaDevAttrMultiProcessorCount, device));
  return count;
}

int64_t pieces(int64_t count, int64_t size) { return (count + size - 1) / size; }

void start_count(const Lists& lists, Count* counts, const Stream& stream) {
  const int64_t tiles_b = pieces(lists.layers_b, kMostThreads);
  const int64_t threads = pieces(pieces(lists.layers_b, tiles_b), kWarp) * kWarp;
  const int64_t tiles_a = pieces(lists.layers_a, kMaskLayers);
  const int64_t rows = std::clamp<int64_t>(
      pieces(kBlocksAProcessor * processors(), tiles_a * tiles_b), 1, lists.rows);
  const dim3 grid(static_cast<unsigned>(rows), static_cast<unsigned>(tiles_a),
                  static_cast<unsigned>(tiles_b));
  launch(lists.n <= kSmallTable ? count_shared<kSmallTable> : count_shared<kLargeTable>, grid,
         static_cast<unsigned>(threads), 0, stream.get(), lists, counts);
}

}  // namespace

/// Memory on the device: twice 32 MiB of lists (or twice one row's, where that is more), 4 n of the
/// permutation and 8 A B of the counts.
void overlap_counts(const Context& context, const PackedLists& a, const PackedLists& b,
                    std::span<const int32_t> permutation, MatrixView<int64_t> counts) {
  const CurrentDevice device(context);
  const Stream stream;
  const int64_t n = a.rows();
  std::vector<int32_t> to(permutation.begin(), permutation.end());
  for (int32_t i = 0; permutation.empty() && i < n; ++i) to.push_back(i);
  DeviceBuffer<int32_t> device_to(n);
  device_to.upload(to, stream);
  DeviceBuffer<Count> sums(a.layers() * b.layers());
  sums.fill_bytes(0, stream);
  const int64_t k = a.k();
  RowChunks<int32_t> chunks({{{a.row(0), n, a.layers() * k}}, {{b.row(0), n, b.layers() * k}, to}},
                            1, stream);
  chunks.for_each([&](int64_t, const int32_t* entries, int64_t rows) {
    start_count({entries, rows, a.layers(), b.layers(), k, n, device_to.data()}, sums.data(),
                stream);
    return true;
  });
  const std::vector<Count> found = sums.download(a.layers() * b.layers(), stream);
  auto next = found.begin();
  for (int64_t l = 0; l < counts.rows(); ++l)
    for (int64_t& count : counts.row(l)) count = static_cast<int64_t>(*next++);
}

void overlap_per_row(const Context& context, ListView a, ListView b, int k,
                     std::span<int32_t> out) {
  constexpr unsigned kBlock = 128;
  const CurrentDevice device(context);
  const Stream stream;
  const int64_t n = a.rows();
  DeviceBuffer<int32_t> counts(n);
  RowChunks<int32_t> chunks({{{a.data(), n, k, a.stride()}}, {{b.data(), n, k, b.stride()}}}, 1,
                            stream);
  chunks.for_each([&](int64_t first, const int32_t* lists, int64_t rows) {
    launch(count_in_row, static_cast<unsigned>(pieces(rows * kWarp, kBlock)), kBlock, 0,
           stream.get(), lists, rows, int64_t{k}, counts.data() + first);
    return true;
  });
  std::ranges::copy(counts.download(n, stream), out.begin());
}

}  // namespace consilience::kernels::cuda
