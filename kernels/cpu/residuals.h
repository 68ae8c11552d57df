#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/base/candidate_bound.h"
#include "kernels/cpu/fixed_dot.h"

namespace consilience::kernels::cpu {

/// What is subtracted from every conditioned and scaled row before it becomes f32, and the power of
/// two that it is multiplied by. Any choice gives the same neighbours; a good one gives few
/// candidates.
class ResidualFrame {
 public:
  /// Chosen on a sample of `rows` of the gallery, so that a few huge rows do not spoil it.
  ResidualFrame(const Side& gallery, std::span<const double> scale, std::span<const int32_t> rows,
                Similarity similarity);

  /// The power of two: scores of residuals are those of the rows times unit squared.
  [[nodiscard]] double unit() const { return unit_; }

  /// Writes r^ of row i at out, out + step, ... (d values). `room` has padded() doubles. Returns
  /// nothing usable (false) where the row is too large for f32: then r^ is zero.
  bool residual(const Side& side, double scale, int64_t i, double* room, float* out, int64_t step,
                ResidualNorms& norms) const;

 private:
  std::vector<double> centre_;  // m', padded
  double centre_norm_ = 0;
  double unit_ = 1;
  Similarity similarity_;
};

}  // namespace consilience::kernels::cpu
