#include "kernels/cpu/fixed_dot.h"

#include <algorithm>
#include <cmath>

#include "kernels/base/conditioned_value.h"
#include "kernels/base/fixed_sum.h"
#include "kernels/cpu/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cpu/fixed_dot.cpp"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace consilience::kernels::cpu {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#if (HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX2) || (HWY_ARCH_ARM_A64 && HWY_TARGET == HWY_NEON)

using Doubles = hn::CappedTag<double, kLanes>;
using Floats = hn::Rebind<float, Doubles>;
constexpr int kWidth = static_cast<int>(hn::MaxLanes(Doubles()));
constexpr int kParts = kLanes / kWidth;  // registers that hold the eight lanes

/// Adds 8 features of one row to its lanes; only the first `live` of them where that is below 8.
template <bool kEuclidean, bool kWhole, typename Lanes>
HWY_INLINE void add_features(const double* v, const float* x, float clamp, const double* mean,
                             int64_t live, Lanes& lane) {
  const Doubles doubles;
  const Floats floats;
  const auto high = hn::Set(floats, clamp);
  const auto low = hn::Neg(high);
  for (int part = 0; part < kParts; ++part) {
    const int at = part * kWidth;
    const auto cut = hn::Min(hn::Max(hn::LoadU(floats, x + at), low), high);
    const auto w = hn::Sub(hn::PromoteTo(doubles, cut), hn::LoadU(doubles, mean + at));
    const auto u = hn::LoadU(doubles, v + at);
    const auto gap = hn::Sub(u, w);
    const auto sum = kEuclidean ? hn::MulAdd(gap, gap, lane[part]) : hn::MulAdd(u, w, lane[part]);
    if (kWhole) {
      lane[part] = sum;
    } else {
      const auto used = std::clamp<int64_t>(live - at, 0, kWidth);
      lane[part] = hn::IfThenElse(hn::FirstN(doubles, static_cast<size_t>(used)), sum, lane[part]);
    }
  }
}

/// kRows rows at once, to hide the latency of the eight chains of each.
template <bool kEuclidean, int kRows>
HWY_INLINE void dot_rows(const double* v, const Side& side, const int32_t* rows, double* out) {
  const Doubles doubles;
  using Vector = hn::Vec<Doubles>;
  Vector lane[kRows][kParts];
  const float* x[kRows];
  for (int r = 0; r < kRows; ++r) {
    x[r] = side.x().row(rows[r]).data();
    for (int part = 0; part < kParts; ++part) lane[r][part] = hn::Zero(doubles);
  }
  const int64_t d = side.x().cols();
  const int64_t whole = d / kLanes * kLanes;
  for (int64_t f = 0; f < whole; f += kLanes) {
    for (int r = 0; r < kRows; ++r) {
      add_features<kEuclidean, true>(v + f, x[r] + f, side.clamp(), side.mean() + f, kLanes,
                                     lane[r]);
    }
  }
  for (int r = 0; r < kRows; ++r) {
    if (whole < d) {
      float tail[kLanes] = {};
      std::copy(x[r] + whole, x[r] + d, tail);
      add_features<kEuclidean, false>(v + whole, tail, side.clamp(), side.mean() + whole, d - whole,
                                      lane[r]);
    }
    double lanes[kLanes];
    for (int part = 0; part < kParts; ++part) {
      hn::StoreU(lane[r][part], doubles, lanes + part * kWidth);
    }
    out[r] = lane_tree(lanes);
  }
}

#else  // no fused multiply-add for double: the plain loop

template <bool kEuclidean, int kRows>
void dot_rows(const double* v, const Side& side, const int32_t* rows, double* out) {
  for (int r = 0; r < kRows; ++r) {
    const float* x = side.x().row(rows[r]).data();
    const auto u = [&](int64_t f) { return v[f]; };
    const auto w = [&](int64_t f) { return conditioned(x[f], side.clamp(), side.mean()[f]); };
    const auto gap = [&](int64_t f) { return u(f) - w(f); };
    out[r] = kEuclidean ? fixed_dot(side.x().cols(), gap, gap) : fixed_dot(side.x().cols(), u, w);
  }
}

#endif

template <bool kEuclidean>
void dot_list(const double* v, const Side& side, std::span<const int32_t> rows, double* out) {
  constexpr size_t kAtOnce = 4;
  size_t r = 0;
  for (; r + kAtOnce <= rows.size(); r += kAtOnce) {
    dot_rows<kEuclidean, kAtOnce>(v, side, rows.data() + r, out + r);
  }
  for (; r < rows.size(); ++r) dot_rows<kEuclidean, 1>(v, side, rows.data() + r, out + r);
}

void fixed_dots(const double* v, const Side& side, std::span<const int32_t> rows,
                Similarity similarity, double* out) {
  if (similarity == Similarity::euclidean) {
    dot_list<true>(v, side, rows, out);
  } else {
    dot_list<false>(v, side, rows, out);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace consilience::kernels::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace consilience::kernels::cpu {

HWY_EXPORT(fixed_dots);

void fixed_dots(const double* v, const Side& side, std::span<const int32_t> rows,
                Similarity similarity, double* out) {
  HWY_DYNAMIC_DISPATCH(fixed_dots)(v, side, rows, similarity, out);
}

Side::Side(MatrixView<const float> x, float clamp, std::span<const double> mean)
    : x_(x), clamp_(clamp), mean_(static_cast<size_t>((x.cols() + kLanes - 1) / kLanes * kLanes)) {
  std::copy(mean.begin(), mean.end(), mean_.begin());
}

void Side::condition(int64_t i, double* v) const {
  const float* row = x_.row(i).data();
  for (int64_t f = 0; f < x_.cols(); ++f) v[f] = conditioned(row[f], clamp_, mean()[f]);
  std::fill(v + x_.cols(), v + padded(), 0.0);
}

}  // namespace consilience::kernels::cpu
#endif
