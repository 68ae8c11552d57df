#pragma once
#include <vector>

#include "kernels/base/candidate_bound.h"
#include "kernels/base/residual_frame.h"
#include "kernels/cuda/feature_rows.h"
#include "kernels/cuda/matmul.h"

namespace consilience::kernels::cuda {

namespace device {

/// What bounds the scores of packed rows, in the notation of candidate_bound.h.
struct Bounds {
  const float* scale;   // q, a power of two
  const float* offset;  // a' + slack; kFilled where a row fits no product
  const float* slack;   // twice slack
  const float* own;     // twice own
  const float* error;   // h
};

}  // namespace device

/// Residuals of rows on the current device, ready to be multiplied: [rows, padded features] f16 or
/// f32, row i in units of its scale.
class PackedRows {
 public:
  PackedRows(Arithmetic arithmetic, int64_t capacity, const ResidualFrame& frame, int64_t d);

  /// Does not synchronise.
  void pack(const FeatureRows& from, const Stream& stream);
  /// The largest norms of what was packed; synchronises.
  [[nodiscard]] ScaledNorms largest_norms(const Stream& stream) const;
  /// `largest`: over every row that will meet these. Does not synchronise.
  void set_errors(const ScaledNorms& largest, const Stream& stream);

  [[nodiscard]] int64_t rows() const { return rows_; }
  [[nodiscard]] int64_t features() const { return d_; }
  [[nodiscard]] const void* row(int64_t i) const {
    return values_.data() + i * padded_features(d_) * bytes_of(arithmetic_);
  }
  [[nodiscard]] device::Bounds bounds() const {
    return {scale_.data(), offset_.data(), slack_.data(), own_.data(), error_.data()};
  }
  /// The rows that no product holds: they are ranked in double. Synchronises.
  [[nodiscard]] std::vector<int32_t> outcasts(const Stream& stream) const;
  [[nodiscard]] std::vector<float> owns(const Stream& stream) const;
  [[nodiscard]] std::vector<double> levels(const Stream& stream) const;

  /// Device bytes of a row.
  [[nodiscard]] static int64_t bytes_a_row(Arithmetic arithmetic, int64_t d) {
    return padded_features(d) * bytes_of(arithmetic) + 5 * 4 + 4 * 8;
  }

 private:
  Arithmetic arithmetic_;
  int64_t d_;
  int64_t rows_ = 0;
  double centre_norm_;
  double unit_;
  Similarity similarity_;
  DeviceBuffer<double> centre_;
  DeviceBuffer<std::byte> values_;
  DeviceBuffer<float> scale_;
  DeviceBuffer<float> offset_;
  DeviceBuffer<float> slack_;
  DeviceBuffer<float> own_;
  DeviceBuffer<float> error_;
  DeviceBuffer<double> level_;
  DeviceBuffer<ScaledNorms> norms_;
  DeviceBuffer<unsigned long long> largest_;  // 3, bits of doubles
};

}  // namespace consilience::kernels::cuda
