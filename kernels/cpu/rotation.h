#pragma once
#include <cstdint>
#include <vector>

namespace consilience::kernels::cpu {

/// An orthogonal map of a row that spreads every feature over all of them: products stay, and the
/// largest value comes near the root mean square, so that few bits hold a row. Random signs and
/// Walsh-Hadamard butterflies, first over 16 segments of an odd length, which spreads a feature
/// over all remainders by 16, then over what stands 16 apart. Where a power of two does not cover
/// the row it is done twice, from the front and from the end.
class Rotation {
 public:
  explicit Rotation(int64_t d);

  /// d rounded up to whole sixteens: the row's length.
  [[nodiscard]] int64_t length() const { return length_; }
  /// The result is off by at most this times |r|, the row's own rounding to f32 included.
  [[nodiscard]] double error() const { return error_; }

  void apply(float* row) const;

 private:
  /// Over `pieces` pieces of `width` values at the front of the row, and at its end.
  void transform(float* row, const float* signs, int64_t pieces, int64_t width) const;

  int64_t length_;
  int64_t segment_;  // values: odd
  int64_t window_;   // sixteens: the largest power of two that fits
  double error_;
  std::vector<float> signs_;  // +1 or -1, for each of the two transforms
};

}  // namespace consilience::kernels::cpu
