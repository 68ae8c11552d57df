#pragma once
#include <algorithm>

#include "kernels/base/fixed_sum.h"
#include "kernels/base/matrix_view.h"
#include "kernels/cuda/owned.h"

namespace consilience::kernels::cuda {

/// Brings a host matrix [n, d] to the device a few rows at a time: whole column blocks of
/// kColumnBlockRows, about 256 MiB.
class RowChunks {
 public:
  RowChunks(MatrixView<const float> x, const Stream& stream)
      : x_(x), stream_(stream), rows_(chunk_rows(x)), buffer_(rows_ * x.cols()) {}

  /// body(first row, device rows [count, d] without gaps, count), chunk after chunk; stops early
  /// when it returns false.
  template <typename Body>
  void for_each(const Body& body) {
    for (int64_t first = 0; first < x_.rows(); first += rows_) {
      const int64_t count = std::min(rows_, x_.rows() - first);
      const size_t width = static_cast<size_t>(x_.cols()) * sizeof(float);
      CUDA_CHECK(cudaMemcpy2DAsync(buffer_.data(), width, x_.row(first).data(),
                                   static_cast<size_t>(x_.stride()) * sizeof(float), width,
                                   static_cast<size_t>(count), cudaMemcpyHostToDevice,
                                   stream_.get()));
      if (!body(first, static_cast<const float*>(buffer_.data()), count)) return;
    }
  }

 private:
  static int64_t chunk_rows(MatrixView<const float> x) {
    const int64_t block_bytes = kColumnBlockRows * x.cols() * int64_t{sizeof(float)};
    const int64_t blocks = std::max<int64_t>(1, (int64_t{256} << 20) / block_bytes);
    return std::min(x.rows(), blocks * kColumnBlockRows);
  }

  MatrixView<const float> x_;
  const Stream& stream_;
  int64_t rows_;
  DeviceBuffer<float> buffer_;
};

}  // namespace consilience::kernels::cuda
