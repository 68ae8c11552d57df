#include <algorithm>
#include <bit>
#include <limits>

#include "kernels/base/conditioned_value.h"
#include "kernels/cuda/device/fixed_sum.cuh"
#include "kernels/cuda/devices.h"
#include "kernels/cuda/launch.cuh"
#include "kernels/cuda/row_chunks.h"
#include "kernels/ops/backends.h"

namespace consilience::kernels::cuda {
namespace {

using Count = unsigned long long;  // what 64-bit atomics take

constexpr unsigned kBlock = 256;
constexpr unsigned kMaxGrid = 4096;
constexpr unsigned kBins = 1U << 16;

__device__ unsigned magnitude(float x) { return __float_as_uint(x) & 0x7FFFFFFFU; }

/// first <- the smallest index of an element that is not finite, plus `offset`.
__global__ void find_not_finite(const float* x, int64_t size, int64_t offset, Count* first) {
  const int64_t step = int64_t{gridDim.x} * blockDim.x;
  for (int64_t e = int64_t{blockIdx.x} * blockDim.x + threadIdx.x; e < size; e += step) {
    if (magnitude(x[e]) >= 0x7F800000U) atomicMin(first, static_cast<Count>(offset + e));
  }
}

/// bins [2^16] += the 16 bits of |x| from `shift` up, where the higher bits are `prefix`.
__global__ void count_bits(const float* x, int64_t size, int shift, unsigned prefix, Count* bins) {
  const int64_t step = int64_t{gridDim.x} * blockDim.x;
  for (int64_t e = int64_t{blockIdx.x} * blockDim.x + threadIdx.x; e < size; e += step) {
    const unsigned bits = magnitude(x[e]);
    if (uint64_t{bits} >> (shift + 16) == prefix)
      atomicAdd(bins + (bits >> shift & (kBins - 1)), 1);
  }
}

/// sums [blocks, d]: column f of one block of 1,024 rows, added in row order by one thread.
__global__ void add_column_blocks(const float* x, int64_t rows, int64_t d, float clamp,
                                  double* sums) {
  const int64_t f = int64_t{blockIdx.x} * blockDim.x + threadIdx.x;
  const int64_t block = blockIdx.y;
  if (f >= d) return;
  const int64_t first = block * kColumnBlockRows;
  const int64_t last = rows < first + kColumnBlockRows ? rows : first + kColumnBlockRows;
  double sum = 0;
  for (int64_t i = first; i < last; ++i) sum += static_cast<double>(clamped(x[i * d + f], clamp));
  sums[block * d + f] = sum;
}

/// Eight threads a row, one for each lane of T. mean [d].
__global__ void scale_rows(const float* x, int64_t rows, int64_t d, float clamp, const double* mean,
                           double* scales) {
  const int64_t thread = int64_t{blockIdx.x} * blockDim.x + threadIdx.x;
  const int64_t i = thread / kLanes;
  double lane = 0;
  if (i < rows) {  // all threads take part in the exchange below
    for (int64_t f = thread % kLanes; f < d; f += kLanes) {
      const double v = conditioned(x[i * d + f], clamp, mean[f]);
      lane = fma(v, v, lane);
    }
  }
  const double squares = device::lane_tree(lane);
  if (i < rows && thread % kLanes == 0) scales[i] = 1.0 / sqrt(squares);
}

unsigned blocks_for(int64_t threads) {
  return static_cast<unsigned>((threads + kBlock - 1) / kBlock);
}
unsigned strided_grid(int64_t elements) {
  return static_cast<unsigned>(std::min<int64_t>(kMaxGrid, (elements + kBlock - 1) / kBlock));
}

std::vector<Count> histogram(Layers layers, int shift, unsigned prefix) {
  const Stream stream;
  DeviceBuffer<Count> bins(kBins);
  bins.fill_bytes(0, stream);
  for (const auto& x : layers) {
    if (x.empty()) continue;
    RowChunks<float> chunks({{x}}, kColumnBlockRows, stream);
    chunks.for_each([&](int64_t, const float* rows, int64_t count) {
      const int64_t size = count * x.cols();
      launch(count_bits, strided_grid(size), kBlock, 0, stream.get(), rows, size, shift, prefix,
             bins.data());
      return true;
    });
  }
  return bins.download(kBins, stream);
}

/// The bin that holds element `rank`, which becomes its rank within the bin.
unsigned find_bin(const std::vector<Count>& bins, Count& rank) {
  unsigned bin = 0;
  while (rank >= bins[bin]) rank -= bins[bin++];
  return bin;
}

}  // namespace

std::optional<Cell> first_not_finite(const Context& context, MatrixView<const float> x) {
  const CurrentDevice device(context);
  constexpr Count kNone = std::numeric_limits<Count>::max();
  const Stream stream;
  DeviceBuffer<Count> first(1);
  first.fill_bytes(0xFF, stream);
  Count found = kNone;
  RowChunks<float> chunks({{x}}, kColumnBlockRows, stream);
  chunks.for_each([&](int64_t row, const float* rows, int64_t count) {
    const int64_t size = count * x.cols();
    launch(find_not_finite, strided_grid(size), kBlock, 0, stream.get(), rows, size, row * x.cols(),
           first.data());
    found = first.download(1, stream)[0];
    return found == kNone;
  });
  if (found == kNone) return std::nullopt;
  const auto at = static_cast<int64_t>(found);
  return Cell{at / x.cols(), at % x.cols()};
}

float abs_select(const Context& context, Layers layers, int64_t rank) {
  const CurrentDevice device(context);
  auto left = static_cast<Count>(rank);
  const unsigned high = find_bin(histogram(layers, 16, 0), left);
  const unsigned low = find_bin(histogram(layers, 0, high), left);
  return std::bit_cast<float>(high << 16 | low);
}

std::vector<double> column_mean(const Context& context, MatrixView<const float> x, float clamp) {
  const CurrentDevice device(context);
  const int64_t d = x.cols();
  const Stream stream;
  const int64_t blocks = column_blocks(x.rows());
  DeviceBuffer<double> device_sums(blocks * d);
  RowChunks<float> chunks({{x}}, kColumnBlockRows, stream);
  chunks.for_each([&](int64_t row, const float* rows, int64_t count) {
    const dim3 grid(blocks_for(d), static_cast<unsigned>(column_blocks(count)));
    launch(add_column_blocks, grid, kBlock, 0, stream.get(), rows, count, d, clamp,
           device_sums.data() + row / kColumnBlockRows * d);
    return true;
  });
  std::vector<double> sums = device_sums.download(blocks * d, stream);
  reduce_column_blocks(sums, blocks, d);
  sums.resize(static_cast<size_t>(d));
  for (double& sum : sums) sum /= static_cast<double>(x.rows());
  return sums;
}

std::vector<double> row_scales(const Context& context, MatrixView<const float> x, float clamp,
                               std::span<const double> mean) {
  const CurrentDevice device(context);
  const Stream stream;
  if (x.cols() == 0) {
    return std::vector<double>(static_cast<size_t>(x.rows()),
                               std::numeric_limits<double>::infinity());
  }
  std::vector<double> centre(static_cast<size_t>(x.cols()));
  std::copy(mean.begin(), mean.end(), centre.begin());
  DeviceBuffer<double> device_mean(x.cols());
  device_mean.upload(centre, stream);
  DeviceBuffer<double> scales(x.rows());
  RowChunks<float> chunks({{x}}, kColumnBlockRows, stream);
  chunks.for_each([&](int64_t row, const float* rows, int64_t count) {
    launch(scale_rows, blocks_for(count * kLanes), kBlock, 0, stream.get(), rows, count, x.cols(),
           clamp, static_cast<const double*>(device_mean.data()), scales.data() + row);
    return true;
  });
  return scales.download(x.rows(), stream);
}

}  // namespace consilience::kernels::cuda
