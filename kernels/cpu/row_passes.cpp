#include "kernels/cpu/row_passes.h"

#include <algorithm>
#include <bit>

#include "kernels/base/conditioned_value.h"
#include "kernels/cpu/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cpu/row_passes.cpp"
#include <hwy/cache_control.h>
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace consilience::kernels::cpu {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Bits = hn::CappedTag<int32_t, 16>;  // without the sign, so that signed order is theirs
using Magnitudes = hn::Vec<Bits>;
constexpr int64_t kWidth = static_cast<int64_t>(hn::MaxLanes(Bits()));
constexpr int32_t kNoSign = 0x7FFFFFFF;

HWY_INLINE Magnitudes load_magnitudes(const float* x) {
  const hn::Rebind<float, Bits> floats;
  return hn::And(hn::BitCast(Bits(), hn::LoadU(floats, x)), hn::Set(Bits(), kNoSign));
}

HWY_INLINE int32_t magnitude(float x) { return std::bit_cast<int32_t>(x) & kNoSign; }

uint32_t largest_magnitude(const float* row, int64_t d) {
  constexpr int kChains = 4;
  Magnitudes largest[kChains];
  for (auto& chain : largest) chain = hn::Zero(Bits());
  int64_t f = 0;
  for (; f + kChains * kWidth <= d; f += kChains * kWidth)
    for (int c = 0; c < kChains; ++c)
      largest[c] = hn::Max(largest[c], load_magnitudes(row + f + c * kWidth));
  for (; f + kWidth <= d; f += kWidth) largest[0] = hn::Max(largest[0], load_magnitudes(row + f));
  const auto most = hn::Max(hn::Max(largest[0], largest[1]), hn::Max(largest[2], largest[3]));
  int32_t result = hn::GetLane(hn::MaxOfLanes(Bits(), most));
  for (; f < d; ++f) result = std::max(result, magnitude(row[f]));
  return static_cast<uint32_t>(result);
}

void add_clamped_rows(const float* x, int64_t rows, int64_t stride, int64_t d, float clamp,
                      double* sums) {
  const hn::CappedTag<double, 8> doubles;
  const hn::Rebind<float, decltype(doubles)> floats;
  const auto width = static_cast<int64_t>(hn::Lanes(doubles));
  const auto high = hn::Set(floats, clamp);
  const auto low = hn::Neg(high);
  const auto value = [&](const float* at) HWY_ATTR {
    return hn::PromoteTo(doubles, hn::Min(hn::Max(hn::LoadU(floats, at), low), high));
  };
  for (int64_t i = 0; i < rows; i += 4) {
    const float* row = x + i * stride;
    const int64_t some = std::min<int64_t>(4, rows - i);
    int64_t f = 0;
    for (; some == 4 && f + width <= d; f += width) {
      for (int64_t r = 0; r < 4; ++r) hwy::Prefetch(row + (4 + r) * stride + f);
      auto sum = hn::LoadU(doubles, sums + f);
      for (int64_t r = 0; r < 4; ++r) sum = hn::Add(sum, value(row + r * stride + f));
      hn::StoreU(sum, doubles, sums + f);
    }
    for (; f < d; ++f)
      for (int64_t r = 0; r < some; ++r)
        sums[f] += static_cast<double>(clamped(row[r * stride + f], clamp));
  }
}

void add_to_window(const float* row, int64_t d, Window& window) {
  const auto low = static_cast<int32_t>(window.low);
  const auto high = static_cast<int32_t>(window.high);
  const auto lows = hn::Set(Bits(), low);
  const auto highs = hn::Set(Bits(), high);
  size_t used = window.inside.size();
  window.inside.resize(used + static_cast<size_t>(d + kWidth));  // a whole vector may be written
  auto* inside = reinterpret_cast<int32_t*>(window.inside.data());
  size_t below = 0;
  size_t equal = 0;
  int64_t f = 0;
  for (; f + kWidth <= d; f += kWidth) {
    const auto bits = load_magnitudes(row + f);
    below += hn::CountTrue(Bits(), hn::Lt(bits, lows));
    equal += hn::CountTrue(Bits(), hn::Eq(bits, lows));
    const auto in = hn::And(hn::Gt(bits, lows), hn::Gt(highs, bits));
    hn::StoreU(hn::Compress(bits, in), Bits(), inside + used);
    used += hn::CountTrue(Bits(), in);
  }
  for (; f < d; ++f) {
    const int32_t bits = magnitude(row[f]);
    below += bits < low;
    equal += bits == low;
    if (bits > low && bits < high) inside[used++] = bits;
  }
  window.inside.resize(used);
  window.below += static_cast<int64_t>(below);
  window.lows += static_cast<int64_t>(equal);
}

}  // namespace HWY_NAMESPACE
}  // namespace consilience::kernels::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace consilience::kernels::cpu {

HWY_EXPORT(largest_magnitude);
HWY_EXPORT(add_clamped_rows);
HWY_EXPORT(add_to_window);

uint32_t largest_magnitude(const float* row, int64_t d) {
  return HWY_DYNAMIC_DISPATCH(largest_magnitude)(row, d);
}

void add_clamped_rows(const float* x, int64_t rows, int64_t stride, int64_t d, float clamp,
                      double* sums) {
  HWY_DYNAMIC_DISPATCH(add_clamped_rows)(x, rows, stride, d, clamp, sums);
}

void add_to_window(const float* row, int64_t d, Window& window) {
  HWY_DYNAMIC_DISPATCH(add_to_window)(row, d, window);
}

}  // namespace consilience::kernels::cpu
#endif
