#pragma once
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/ops/condition.h"

/// T of numerics section 1 with vectors: its eight lanes are the lanes of the registers, so the
/// bits are those of the plain loop.
namespace consilience::kernels::cpu {

/// One side's features and what makes v of x; the mean is padded so that vectors may read past d.
class Side {
 public:
  Side(MatrixView<const float> x, float clamp, std::span<const double> mean);

  [[nodiscard]] MatrixView<const float> x() const { return x_; }
  [[nodiscard]] float clamp() const { return clamp_; }
  [[nodiscard]] bool clamps() const { return std::isfinite(clamp_); }
  [[nodiscard]] bool centres() const { return centres_; }
  [[nodiscard]] const double* mean() const { return mean_.data(); }
  /// d rounded up to whole vectors: the room that `condition` needs.
  [[nodiscard]] int64_t padded() const { return static_cast<int64_t>(mean_.size()); }

  /// v_i into v [padded()]; the padding is zero.
  void condition(int64_t i, double* v) const;

 private:
  MatrixView<const float> x_;
  float clamp_;
  std::vector<double> mean_;
  bool centres_;
};

/// out[r] = T(v, v_j) with j = rows[r] of `side`; for euclidean T(v - v_j, v - v_j).
///   v [padded()], rows and out of one length.
void fixed_dots(const double* v, const Side& side, std::span<const int32_t> rows,
                Similarity similarity, double* out);

/// out[r] = T(v_j, v_j) with j = rows[r].
void fixed_squares(const Side& side, std::span<const int32_t> rows, double* out);

inline constexpr int kTileSide = 4;

/// out [kTileSide, kTileSide] = T(u_i, w_j), or T(u_i - w_j, u_i - w_j), of rows that
/// Side::condition made, [padded] each.
void fixed_dot_tile(const double* const* u, const double* const* w, int64_t padded,
                    Similarity similarity, double* out);

}  // namespace consilience::kernels::cpu
