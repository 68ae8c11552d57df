#pragma once
#include <cstdint>
#include <vector>

namespace consilience::kernels::cpu {

/// An orthogonal map of a row that spreads every feature over all of them: products stay, and the
/// largest value comes near the root mean square, so that few bits hold a row. Random signs, then
/// Walsh-Hadamard butterflies over 16 segments and over what stands 16 apart.
class Rotation {
 public:
  explicit Rotation(int64_t d);

  /// d rounded up to whole sixteens: the row's length.
  [[nodiscard]] int64_t length() const { return length_; }
  /// The result is off by at most this times |r|, the row's own rounding to f32 included.
  [[nodiscard]] double error() const { return error_; }

  void apply(float* row) const;

 private:
  int64_t length_;
  int64_t window_;  // sixteens: the largest power of two that fits
  double error_;
  std::vector<float> signs_;  // +1 or -1, for each of the two windows
};

}  // namespace consilience::kernels::cpu
