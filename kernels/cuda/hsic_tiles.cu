#include <algorithm>
#include <vector>

#include "kernels/base/pair_entry.h"
#include "kernels/cuda/device/exact_score.cuh"
#include "kernels/cuda/devices.h"
#include "kernels/cuda/launch.cuh"
#include "kernels/cuda/owned.h"
#include "kernels/ops/backends.h"

namespace consilience::kernels::cuda {
namespace {

using device::DoubleRows;

constexpr unsigned kBlock = 256;
constexpr int64_t kGroups = kBlock / kLanes;  // of threads that hold the lanes of T
constexpr int kPatch = 4;                     // rows and columns that a group does together
constexpr int64_t kPartBytes = int64_t{64} << 20;

/// One layer of a tile on the device.
struct Layer {
  const double* x;  // [r, d]
  const double* y;  // [c, d]
  int64_t d;
  PairKernel kernel;
};

/// Up to kPatch numbers from `begin` on below `end`; past the end the last one again.
__device__ void numbers_from(int64_t begin, int64_t end, int64_t (&numbers)[kPatch]) {
  for (int64_t s = 0; s < kPatch; ++s) numbers[s] = begin + s < end ? begin + s : end - 1;
}

/// Eight threads a patch of one layer: entries [M, r, c]. Grid: columns, rows, layers.
__global__ void make_entries(const Layer* layers, int64_t r, int64_t c, bool below_diagonal,
                             double* entries) {
  const Layer layer = layers[blockIdx.z];
  const int64_t row = int64_t{blockIdx.y} * kPatch;
  const int64_t column = (int64_t{blockIdx.x} * kGroups + threadIdx.x / kLanes) * kPatch;
  int64_t i[kPatch];
  int64_t j[kPatch];
  numbers_from(row, r, i);
  numbers_from(column, c, j);
  const DoubleRows x = {layer.x, layer.d};
  const DoubleRows y = {layer.y, layer.d};
  double sums[kPatch][kPatch];
  if (of_distances(layer.kernel.entry)) {  // the same for a whole block
    device::exact_sums<Similarity::euclidean, kPatch, kPatch>(x, i, y, j, layer.d, sums);
  } else {
    device::exact_sums<Similarity::dot, kPatch, kPatch>(x, i, y, j, layer.d, sums);
  }
  if (threadIdx.x % kLanes != 0) return;
  double* to = entries + blockIdx.z * r * c;
  for (int64_t s = 0; s < kPatch && row + s < r; ++s) {
    for (int64_t t = 0; t < kPatch && column + t < c; ++t) {
      const bool counts = !below_diagonal || column + t < row + s;
      to[(row + s) * c + column + t] = counts ? pair_entry(layer.kernel, sums[s][t]) : 0.0;
    }
  }
}

/// Eight threads a row of rows [count, c]: sums [count] of its entries, squares [count] of theirs.
__global__ void sum_rows(const double* rows, int64_t count, int64_t c, double* sums,
                         double* squares) {
  const int64_t row = int64_t{blockIdx.x} * kGroups + threadIdx.x / kLanes;
  double lane = 0;
  double square = 0;
  for (int64_t j = threadIdx.x % kLanes; row < count && j < c; j += kLanes) {
    const double e = rows[row * c + j];
    lane += e;
    square = fma(e, e, square);
  }
  const double sum = device::lane_tree(lane);
  const double sum_of_squares = device::lane_tree(square);
  if (row >= count || threadIdx.x % kLanes != 0) return;
  sums[row] = sum;
  if (squares != nullptr) squares[row] = sum_of_squares;
}

/// A thread a column: sums [M, c] over the rows of entries [M, r, c]. Grid: columns, layers.
__global__ void sum_columns(const double* entries, int64_t r, int64_t c, double* sums) {
  const int64_t j = int64_t{blockIdx.x} * blockDim.x + threadIdx.x;
  if (j >= c) return;
  const double* e = entries + blockIdx.y * r * c + j;
  double lanes[kLanes] = {};
  for (int64_t i = 0; i < r; i += kLanes)
    for (int64_t s = 0; s < kLanes && i + s < r; ++s) lanes[s] += e[(i + s) * c];
  sums[blockIdx.y * c + j] = lane_tree(lanes);
}

/// Eight threads a patch of layers in one row: parts [A, B, r], the products in row i of `a` layers
/// from a_begin on with those from b_begin on. Grid: patches of b, patches of a, rows.
__global__ void multiply_rows(const double* entries, int64_t r, int64_t c, int64_t a_begin,
                              int64_t a_count, int64_t b_begin, int64_t b_count, double* parts) {
  const int64_t a = int64_t{blockIdx.y} * kPatch;
  const int64_t b = (int64_t{blockIdx.x} * kGroups + threadIdx.x / kLanes) * kPatch;
  int64_t left[kPatch];
  int64_t right[kPatch];
  numbers_from(a_begin + a, a_begin + a_count, left);
  numbers_from(b_begin + b, b_begin + b_count, right);
  const DoubleRows rows = {entries + blockIdx.z * c, r * c};  // row l: layer l's row i
  double sums[kPatch][kPatch];
  device::exact_sums<Similarity::dot, kPatch, kPatch>(rows, left, rows, right, c, sums);
  if (threadIdx.x % kLanes != 0) return;
  for (int64_t s = 0; s < kPatch && a + s < a_count; ++s)
    for (int64_t t = 0; t < kPatch && b + t < b_count; ++t)
      parts[((a + s) * b_count + b + t) * r + blockIdx.z] = sums[s][t];
}

unsigned blocks(int64_t count, int64_t each) {
  return static_cast<unsigned>((count + each - 1) / each);
}

/// The layers' rows on the device, one layer after the other.
class LayerRowsOnDevice {
 public:
  LayerRowsOnDevice(std::span<const TileLayer> layers, const Stream& stream)
      : values_(size_of(layers)), table_(std::ssize(layers)) {
    double* at = values_.data();
    const auto bring = [&](MatrixView<const double> rows) {
      const size_t width = static_cast<size_t>(rows.cols()) * sizeof(double);
      if (!rows.empty())
        CUDA_CHECK(cudaMemcpy2DAsync(
            at, width, rows.data(), static_cast<size_t>(rows.stride()) * sizeof(double), width,
            static_cast<size_t>(rows.rows()), cudaMemcpyHostToDevice, stream.get()));
      at += rows.rows() * rows.cols();
      return at - rows.rows() * rows.cols();
    };
    std::vector<Layer> table;
    for (const TileLayer& layer : layers) {
      const double* x = bring(layer.x);
      table.push_back({x, bring(layer.y), layer.x.cols(), layer.kernel});
    }
    table_.upload(table, stream);
    stream.synchronize();
  }

  [[nodiscard]] const Layer* layers() const { return table_.data(); }

 private:
  static int64_t size_of(std::span<const TileLayer> layers) {
    int64_t size = 0;
    for (const auto& [x, y, kernel] : layers) size += (x.rows() + y.rows()) * x.cols();
    return size;
  }

  DeviceBuffer<double> values_;
  DeviceBuffer<Layer> table_;
};

void copy_to(std::span<double> to, const std::vector<double>& from) {
  std::ranges::copy(from, to.begin());
}

/// products [A, B] of entries [A + B, r, c], as many of A at a time as there is room for.
void multiply(const double* entries, int64_t r, int64_t c, Matrix<double>& products,
              const Stream& stream) {
  const int64_t a_layers = products.rows();
  const int64_t b_layers = products.cols();
  if (a_layers == 0 || b_layers == 0) return;
  const int64_t each = b_layers * r * int64_t{sizeof(double)};
  const int64_t step = std::clamp<int64_t>(kPartBytes / each, 1, a_layers);
  DeviceBuffer<double> parts(step * b_layers * r);
  DeviceBuffer<double> sums(step * b_layers);
  for (int64_t a = 0; a < a_layers; a += step) {
    const int64_t some = std::min(step, a_layers - a);
    const dim3 grid(blocks(b_layers, kGroups * kPatch), blocks(some, kPatch),
                    static_cast<unsigned>(r));
    launch(multiply_rows, grid, kBlock, 0, stream.get(), entries, r, c, a, some, a_layers, b_layers,
           parts.data());
    const int64_t count = some * b_layers;
    launch(sum_rows, blocks(count, kGroups), kBlock, 0, stream.get(), parts.data(), count, r,
           sums.data(), nullptr);
    copy_to({products.row(a).data(), static_cast<size_t>(count)}, sums.download(count, stream));
  }
}

}  // namespace

void hsic_tiles(const Context& context, std::span<const TileLayer> layers, int64_t,
                bool below_diagonal, TileSums& sums) {
  const CurrentDevice current(context);
  const Stream stream;
  const int64_t count = std::ssize(layers);
  const int64_t r = layers[0].x.rows();
  const int64_t c = layers[0].y.rows();
  DeviceBuffer<double> entries(count * r * c);
  {
    const LayerRowsOnDevice rows(layers, stream);
    const dim3 grid(blocks(c, kGroups * kPatch), blocks(r, kPatch), static_cast<unsigned>(count));
    launch(make_entries, grid, kBlock, 0, stream.get(), rows.layers(), r, c, below_diagonal,
           entries.data());
    stream.synchronize();
  }
  DeviceBuffer<double> row_sums(count * r);
  DeviceBuffer<double> row_squares(count * r);
  DeviceBuffer<double> column_sums(count * c);
  DeviceBuffer<double> squares(count);
  launch(sum_rows, blocks(count * r, kGroups), kBlock, 0, stream.get(), entries.data(), count * r,
         c, row_sums.data(), row_squares.data());
  launch(sum_rows, blocks(count, kGroups), kBlock, 0, stream.get(), row_squares.data(), count, r,
         squares.data(), nullptr);
  launch(sum_columns, dim3(blocks(c, kBlock), static_cast<unsigned>(count)), kBlock, 0,
         stream.get(), entries.data(), r, c, column_sums.data());
  copy_to(sums.row_sums.values(), row_sums.download(count * r, stream));
  copy_to(sums.column_sums.values(), column_sums.download(count * c, stream));
  copy_to(sums.squares, squares.download(count, stream));
  multiply(entries.data(), r, c, sums.products, stream);
}

}  // namespace consilience::kernels::cuda
