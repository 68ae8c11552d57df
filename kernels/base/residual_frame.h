#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/ops/condition.h"

namespace consilience::kernels {

/// What is subtracted from every conditioned and scaled row before it is rounded, and the power of
/// two that it is multiplied by: r = (z - centre) unit. Any choice gives the same neighbours; a
/// good one gives few candidates.
class ResidualFrame {
 public:
  /// Chosen on a sample of `rows` of the gallery, so that a few huge rows do not spoil it.
  ResidualFrame(const Conditioned& gallery, std::span<const int32_t> rows, Similarity similarity);

  /// m', zero beyond d up to whole lanes.
  [[nodiscard]] std::span<const double> centre() const { return centre_; }
  [[nodiscard]] double centre_norm() const { return centre_norm_; }  // rounded up
  [[nodiscard]] double unit() const { return unit_; }
  [[nodiscard]] Similarity similarity() const { return similarity_; }
  /// Scores of residuals are those of the rows times this (a power of two).
  [[nodiscard]] double score_unit() const { return unit_ * unit_; }
  /// A merit (the score, or minus d2) in the units of the residuals.
  [[nodiscard]] double in_units(double merit) const {
    return merit * (similarity_ == Similarity::euclidean ? score_unit() / 2 : score_unit());
  }

 private:
  std::vector<double> centre_;
  double centre_norm_ = 0;
  double unit_ = 1;
  Similarity similarity_;
};

}  // namespace consilience::kernels
