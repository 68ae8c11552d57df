#include <algorithm>
#include <bit>

#include "kernels/base/fixed_sum.h"
#include "kernels/base/interpolated_quantile.h"
#include "kernels/cuda/device/shared.cuh"
#include "kernels/cuda/devices.h"
#include "kernels/cuda/launch.cuh"
#include "kernels/cuda/row_chunks.h"
#include "kernels/ops/backends.h"

namespace consilience::kernels::cuda {
namespace {

constexpr unsigned kBins = 256;  // also threads of a block
constexpr unsigned kWarp = 32;
constexpr unsigned kAll = 0xFFFFFFFFU;

/// The bits of |x|, which order as the values do.
__device__ unsigned key_of(float x) { return __float_as_uint(x) & 0x7FFFFFFFU; }

/// One warp: the bin that holds element `rank`, and the rank within it, into found [2].
__device__ void find_bin(const unsigned* bins, unsigned rank, unsigned* found) {
  constexpr unsigned kOwn = kBins / kWarp;
  const unsigned lane = threadIdx.x;
  unsigned own = 0;
  for (unsigned b = 0; b < kOwn; ++b) own += bins[lane * kOwn + b];
  unsigned before = own;
  for (unsigned step = 1; step < kWarp; step *= 2) {
    const unsigned left = __shfl_up_sync(kAll, before, step);
    if (lane >= step) before += left;
  }
  before -= own;
  if (rank < before || rank - before >= own) return;
  unsigned bin = lane * kOwn;
  while (rank - before >= bins[bin]) before += bins[bin++];
  found[0] = bin;
  found[1] = rank - before;
}

/// A block a row of x [rows, width]: pairs [rows, 2] <- the keys at places `rank` and `rank` + 1 of
/// its sorted keys, eight bits at a time from the highest.
__global__ void select_pairs(const float* x, int64_t width, unsigned rank, unsigned* pairs) {
  SHARED(unsigned, bins, kBins);
  SHARED(unsigned, found, 2);
  SHARED(unsigned, above, 2);  // keys up to the first of the pair, the smallest beyond
  const float* row = x + blockIdx.x * width;
  unsigned prefix = 0;
  unsigned left = rank;
  for (int shift = 24; shift >= 0; shift -= 8) {
    bins[threadIdx.x] = 0;
    __syncthreads();
    for (int64_t f = threadIdx.x; f < width; f += kBins) {
      const unsigned bits = key_of(row[f]) >> shift;
      if (bits >> 8 == prefix) atomicAdd(bins + bits % kBins, 1U);
    }
    __syncthreads();
    if (threadIdx.x < kWarp) find_bin(bins, left, found);
    __syncthreads();
    prefix = prefix << 8 | found[0];
    left = found[1];
  }
  if (threadIdx.x == 0) {
    above[0] = 0;
    above[1] = kAll;
  }
  __syncthreads();
  unsigned up_to = 0;
  unsigned beyond = kAll;
  for (int64_t f = threadIdx.x; f < width; f += kBins) {
    const unsigned key = key_of(row[f]);
    if (key <= prefix) {
      ++up_to;
    } else if (key < beyond) {
      beyond = key;
    }
  }
  atomicAdd(above, up_to);
  atomicMin(above + 1, beyond);
  __syncthreads();
  if (threadIdx.x != 0) return;
  pairs[2 * int64_t{blockIdx.x}] = prefix;
  pairs[2 * int64_t{blockIdx.x} + 1] = above[0] > rank + 1 ? prefix : above[1];
}

}  // namespace

double mean_sample_quantile(const Context& context, Layers layers, double q) {
  const CurrentDevice device(context);
  const Stream stream;
  const int64_t n = layers[0].rows();
  std::vector<RowChunks<float>::Part> parts;
  for (const auto& x : layers) parts.push_back({x});
  RowChunks<float> chunks(std::move(parts), 1, stream);
  const QuantilePlace place = quantile_place(chunks.width(), q);
  DeviceBuffer<unsigned> pairs(2 * n);
  chunks.for_each([&](int64_t first, const float* rows, int64_t count) {
    launch(select_pairs, static_cast<unsigned>(count), kBins, 0, stream.get(), rows, chunks.width(),
           static_cast<unsigned>(place.below), pairs.data() + 2 * first);
    return true;
  });
  const std::vector<unsigned> found = pairs.download(2 * n, stream);
  const auto value = [&](int64_t at) {
    return double{std::bit_cast<float>(found[static_cast<size_t>(at)])};
  };
  std::vector<double> sums(static_cast<size_t>(column_blocks(n)));
  for (int64_t i = 0; i < n; ++i)
    sums[static_cast<size_t>(i / kColumnBlockRows)] +=
        place.between(value(2 * i), place.t == 0 ? 0.0 : value(2 * i + 1));
  reduce_column_blocks(sums, std::ssize(sums), 1);
  return sums[0] / static_cast<double>(n);
}

}  // namespace consilience::kernels::cuda
