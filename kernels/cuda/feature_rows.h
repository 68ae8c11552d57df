#pragma once
#include <span>

#include "kernels/cuda/device_side.h"
#include "kernels/cuda/owned.h"
#include "kernels/ops/condition.h"

namespace consilience::kernels::cuda {

/// Chosen rows of a side on the current device, one after the other: their features [rows, d] and
/// scales; and the side's mean.
class FeatureRows {
 public:
  /// Room for `capacity` rows.
  FeatureRows(const Context& context, const Conditioned& side, int64_t capacity);

  /// Brings these rows of the side, in this order; returns when they are there. What `stream` was
  /// given before comes first.
  void upload(std::span<const int32_t> rows, const Stream& stream);

  [[nodiscard]] int64_t rows() const { return rows_; }
  [[nodiscard]] int64_t features() const { return d_; }
  [[nodiscard]] device::DeviceSide view() const {
    return {x_.data(), d_, side_.clamp, mean_.data(), scale_.data()};
  }

  /// Device bytes of a row of d features.
  [[nodiscard]] static int64_t bytes_a_row(int64_t d) { return 4 * d + 8; }

 private:
  void gather(std::span<const int32_t> rows, float* to) const;

  const Context& context_;
  Conditioned side_;
  int64_t d_;
  int64_t rows_ = 0;
  int64_t piece_;  // rows of a copy
  DeviceBuffer<float> x_;
  DeviceBuffer<double> scale_;
  DeviceBuffer<double> mean_;
  PinnedBuffer<float> pieces_;  // two
};

}  // namespace consilience::kernels::cuda
