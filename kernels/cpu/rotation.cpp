#include "kernels/cpu/rotation.h"

#include <bit>
#include <cmath>

#include "kernels/base/philox.h"
#include "kernels/cpu/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cpu/rotation.cpp"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace consilience::kernels::cpu {
namespace HWY_NAMESPACE {

/// (a, b) <- (a + b, a - b) over pieces of `width` values, for every pair of pieces of `row` that
/// are 1, 2, 4 .. pieces / 2 apart. The compiler makes vectors of it.
void butterflies(float* row, int64_t pieces, int64_t width) {
  for (int64_t half = 1; half < pieces; half *= 2) {
    for (int64_t first = 0; first < pieces; first += 2 * half) {
      float* HWY_RESTRICT a = row + first * width;
      float* HWY_RESTRICT b = a + half * width;
      for (int64_t f = 0; f < half * width; ++f) {
        const float sum = a[f] + b[f];
        const float difference = a[f] - b[f];
        a[f] = sum;
        b[f] = difference;
      }
    }
  }
}

void multiply(const float* HWY_RESTRICT by, float scale, int64_t count, float* HWY_RESTRICT row) {
  for (int64_t f = 0; f < count; ++f) row[f] *= by[f] * scale;
}

}  // namespace HWY_NAMESPACE
}  // namespace consilience::kernels::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace consilience::kernels::cpu {

HWY_EXPORT(butterflies);
HWY_EXPORT(multiply);

namespace {

constexpr int64_t kSixteen = 16;

/// An odd length up to `most`, two windows of which cover the row: whole vectors and one value more
/// where there are so many.
int64_t odd_segment(int64_t most) {
  return most > kSixteen ? (most - 1) / kSixteen * kSixteen + 1 : (most - 1) | 1;
}

}  // namespace

Rotation::Rotation(int64_t d)
    : length_((d + kSixteen - 1) / kSixteen * kSixteen),
      segment_(odd_segment(length_ / kSixteen)),
      window_(static_cast<int64_t>(std::bit_floor(static_cast<uint64_t>(length_ / kSixteen)))),
      signs_(static_cast<size_t>(2 * length_)) {
  // Roundings in a row: to f32; before each transform a product with a scale that is itself
  // rounded; one a butterfly.
  const int deep = std::countr_zero(static_cast<uint64_t>(window_));
  error_ = (1 + 2 * (2 + 4) + 2 * (2 + deep) + 1) * 0x1p-24;
  constexpr uint64_t kSeed = 0x636f6e73696c69;  // any
  for (size_t f = 0; f < signs_.size(); ++f) {
    const auto bits = philox4x32({static_cast<uint32_t>(f), 0, 0, 0}, kSeed);
    signs_[f] = (bits[0] & 1U) != 0 ? 1.0F : -1.0F;
  }
}

void Rotation::apply(float* row) const {
  transform(row, signs_.data(), kSixteen, segment_);
  if (window_ > 1) transform(row, signs_.data() + length_, window_, kSixteen);
}

void Rotation::transform(float* row, const float* signs, int64_t pieces, int64_t width) const {
  const int64_t part = pieces * width;
  const float scale = 1 / std::sqrt(static_cast<float>(pieces));
  for (const int64_t first : {int64_t{0}, length_ - part}) {
    HWY_DYNAMIC_DISPATCH(multiply)(signs + first, scale, part, row + first);
    HWY_DYNAMIC_DISPATCH(butterflies)(row + first, pieces, width);
    if (part == length_) break;
  }
}

}  // namespace consilience::kernels::cpu
#endif
