#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/cpu/fixed_dot.h"

namespace consilience::kernels::cpu {

/// One row z less m', times a power of two.
struct Residual {
  double norm = 0;    // |r|
  double reach = 0;   // |z| + |m'|, in the same unit
  double offset = 0;  // m' . r; euclidean: -|r|^2 / 2
  double level = 0;   // m' . z; euclidean: -|r|^2 / 2: s(i, j) = r_i . r_j + offset_j + level_i
  [[nodiscard]] bool usable() const;  // all of it fits f32
};

/// What is subtracted from every conditioned and scaled row before it is rounded, and the power of
/// two that it is multiplied by. Any choice gives the same neighbours; a good one gives few
/// candidates.
class ResidualFrame {
 public:
  /// Chosen on a sample of `rows` of the gallery, so that a few huge rows do not spoil it.
  ResidualFrame(const Side& gallery, std::span<const double> scale, std::span<const int32_t> rows,
                Similarity similarity);

  /// Scores of residuals are those of the rows times this (a power of two).
  [[nodiscard]] double score_unit() const { return unit_ * unit_; }
  [[nodiscard]] Similarity similarity() const { return similarity_; }

  /// r of row i of `side` in f32 at out [padded()], its padding zero: off by at most 2^-24 |r| +
  /// d 2^-126.
  Residual residual(const Side& side, double scale, int64_t i, float* out) const;

 private:
  std::vector<double> centre_;  // m', padded
  double centre_norm_ = 0;
  double unit_ = 1;
  Similarity similarity_;
};

}  // namespace consilience::kernels::cpu
