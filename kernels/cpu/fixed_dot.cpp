#include "kernels/cpu/fixed_dot.h"

#include <algorithm>

#include "kernels/base/conditioned_value.h"
#include "kernels/base/fixed_sum.h"
#include "kernels/cpu/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cpu/fixed_dot.cpp"
#include <hwy/cache_control.h>
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

using DoubleVector = hn::Vec<Doubles>;

/// What happens to a row's features before they are multiplied.
template <bool kClamps, bool kCentres>
struct Condition {
  static constexpr bool clamps = kClamps;
  static constexpr bool centres = kCentres;
};

HWY_INLINE hn::Vec<Floats> cut(hn::Vec<Floats> x, hn::Vec<Floats> clamp) {
#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX3
  constexpr int kSmallerMagnitudeSignOfFirst = 2;
  return hn::Vec<Floats>{_mm256_range_ps(x.raw, clamp.raw, kSmallerMagnitudeSignOfFirst)};
#else
  return hn::Min(hn::Max(x, hn::Neg(clamp)), clamp);
#endif
}

/// Features [at, at + kWidth) of a row, conditioned.
template <typename Condition>
HWY_INLINE DoubleVector load_conditioned(const float* x, float clamp, const double* mean) {
  const Doubles doubles;
  const Floats floats;
  auto features = hn::LoadU(floats, x);
  if (Condition::clamps) features = cut(features, hn::Set(floats, clamp));
  const auto wide = hn::PromoteTo(doubles, features);
  return Condition::centres ? hn::Sub(wide, hn::LoadU(doubles, mean)) : wide;
}

template <bool kEuclidean>
HWY_INLINE DoubleVector add_product(DoubleVector u, DoubleVector w, DoubleVector lane) {
  if (!kEuclidean) return hn::MulAdd(u, w, lane);
  const auto gap = hn::Sub(u, w);
  return hn::MulAdd(gap, gap, lane);
}

HWY_INLINE double sum_lanes(const DoubleVector* lane) {
  double lanes[kLanes];
  for (int part = 0; part < kParts; ++part)
    hn::StoreU(lane[part], Doubles(), lanes + part * kWidth);
  return lane_tree(lanes);
}

/// kRows rows at once, to hide the latency of the eight chains of each. `next` [kRows]: rows that
/// will be wanted after these. `v` null: each row with itself.
template <bool kEuclidean, typename Condition, int kRows>
HWY_INLINE void dot_rows(const double* v, const Side& side, const int32_t* rows,
                         const int32_t* next, double* out) {
  DoubleVector lane[kRows][kParts];
  const float* x[kRows];
  const float* later[kRows];
  for (int r = 0; r < kRows; ++r) {
    x[r] = side.x().row(rows[r]).data();
    later[r] = side.x().row(next[r]).data();
    for (int part = 0; part < kParts; ++part) lane[r][part] = hn::Zero(Doubles());
  }
  const auto add = [&](int r, const float* features, int64_t f) HWY_ATTR {
    for (int part = 0; part < kParts; ++part) {
      const int at = part * kWidth;
      const auto w = load_conditioned<Condition>(features + at, side.clamp(), side.mean() + f + at);
      const auto u = v == nullptr ? w : hn::LoadU(Doubles(), v + f + at);
      lane[r][part] = add_product<kEuclidean>(u, w, lane[r][part]);
    }
  };
  constexpr int64_t kLine = 16;  // floats
  const int64_t d = side.x().cols();
  int64_t f = 0;
  for (; f + kLine <= d; f += kLine) {
    for (int r = 0; r < kRows; ++r) {
      hwy::Prefetch(later[r] + f);
      add(r, x[r] + f, f);
      add(r, x[r] + f + kLanes, f + kLanes);
    }
  }
  for (; f < d; f += kLanes) {
    const int64_t live = std::min<int64_t>(kLanes, d - f);
    for (int r = 0; r < kRows; ++r) {
      float tail[kLanes] = {};
      std::copy(x[r] + f, x[r] + f + live, tail);
      DoubleVector before[kParts];
      std::copy(lane[r], lane[r] + kParts, before);
      add(r, tail, f);
      for (int part = 0; part < kParts; ++part) {  // adding zero would make a lane's -0 a +0
        const auto used = std::clamp<int64_t>(live - part * kWidth, 0, kWidth);
        lane[r][part] = hn::IfThenElse(hn::FirstN(Doubles(), static_cast<size_t>(used)),
                                       lane[r][part], before[part]);
      }
    }
  }
  for (int r = 0; r < kRows; ++r) out[r] = sum_lanes(lane[r]);
}

template <bool kEuclidean, typename Condition>
void dot_list(const double* v, const Side& side, std::span<const int32_t> rows, double* out) {
  constexpr size_t kAtOnce = 4;
  size_t r = 0;
  for (; r + kAtOnce <= rows.size(); r += kAtOnce) {
    const size_t next = r + 2 * kAtOnce <= rows.size() ? r + kAtOnce : rows.size() - kAtOnce;
    dot_rows<kEuclidean, Condition, kAtOnce>(v, side, rows.data() + r, rows.data() + next, out + r);
  }
  for (; r < rows.size(); ++r)
    dot_rows<kEuclidean, Condition, 1>(v, side, rows.data() + r, rows.data() + r, out + r);
}

/// Calls work(Condition) with what the side does.
template <typename Work>
HWY_INLINE void with_condition(const Side& side, const Work& work) {
  if (side.clamps()) {
    side.centres() ? work(Condition<true, true>()) : work(Condition<true, false>());
  } else {
    side.centres() ? work(Condition<false, true>()) : work(Condition<false, false>());
  }
}

void fixed_dots(const double* v, const Side& side, std::span<const int32_t> rows,
                Similarity similarity, double* out) {
  with_condition(side, [&](auto condition) {
    if (similarity == Similarity::euclidean) {
      dot_list<true, decltype(condition)>(v, side, rows, out);
    } else {
      dot_list<false, decltype(condition)>(v, side, rows, out);
    }
  });
}

void condition_row(const Side& side, int64_t i, double* v) {
  with_condition(side, [&](auto condition) HWY_ATTR {
    const float* x = side.x().row(i).data();
    const int64_t d = side.x().cols();
    int64_t f = 0;
    for (; f + kWidth <= d; f += kWidth) {
      hn::StoreU(load_conditioned<decltype(condition)>(x + f, side.clamp(), side.mean() + f),
                 Doubles(), v + f);
    }
    for (; f < d; ++f) v[f] = conditioned(x[f], side.clamp(), side.mean()[f]);
    std::fill(v + d, v + side.padded(), 0.0);
  });
}

template <bool kEuclidean>
HWY_INLINE void dot_tile(const double* const* u, const double* const* w, int64_t padded,
                         double* out) {
  const Doubles doubles;
  double lanes[kTileSide][kTileSide][kLanes];
  for (int at = 0; at < kLanes; at += kWidth) {
    DoubleVector sum[kTileSide][kTileSide];
    for (auto& row : sum)
      for (auto& cell : row) cell = hn::Zero(doubles);
    for (int64_t f = at; f < padded; f += kLanes) {
      DoubleVector right[kTileSide];
      for (int j = 0; j < kTileSide; ++j) right[j] = hn::LoadU(doubles, w[j] + f);
      for (int i = 0; i < kTileSide; ++i) {
        const auto left = hn::LoadU(doubles, u[i] + f);
        for (int j = 0; j < kTileSide; ++j)
          sum[i][j] = add_product<kEuclidean>(left, right[j], sum[i][j]);
      }
    }
    for (int i = 0; i < kTileSide; ++i)
      for (int j = 0; j < kTileSide; ++j) hn::StoreU(sum[i][j], doubles, lanes[i][j] + at);
  }
  for (int i = 0; i < kTileSide; ++i)
    for (int j = 0; j < kTileSide; ++j) out[i * kTileSide + j] = lane_tree(lanes[i][j]);
}

void fixed_dot_tile(const double* const* u, const double* const* w, int64_t padded,
                    Similarity similarity, double* out) {
  if (similarity == Similarity::euclidean) {
    dot_tile<true>(u, w, padded, out);
  } else {
    dot_tile<false>(u, w, padded, out);
  }
}

#else  // no fused multiply-add for double: the plain loop

template <typename U, typename W>
double plain_dot(int64_t d, Similarity similarity, const U& u, const W& w) {
  const auto gap = [&](int64_t f) { return u(f) - w(f); };
  return similarity == Similarity::euclidean ? fixed_dot(d, gap, gap) : fixed_dot(d, u, w);
}

void fixed_dots(const double* v, const Side& side, std::span<const int32_t> rows,
                Similarity similarity, double* out) {
  for (size_t r = 0; r < rows.size(); ++r) {
    const float* x = side.x().row(rows[r]).data();
    const auto w = [&](int64_t f) { return conditioned(x[f], side.clamp(), side.mean()[f]); };
    const auto u = [&](int64_t f) { return v == nullptr ? w(f) : v[f]; };
    out[r] = plain_dot(side.x().cols(), similarity, u, w);
  }
}

void condition_row(const Side& side, int64_t i, double* v) {
  const float* x = side.x().row(i).data();
  const int64_t d = side.x().cols();
  for (int64_t f = 0; f < d; ++f) v[f] = conditioned(x[f], side.clamp(), side.mean()[f]);
  std::fill(v + d, v + side.padded(), 0.0);
}

void fixed_dot_tile(const double* const* u, const double* const* w, int64_t padded,
                    Similarity similarity, double* out) {
  for (int i = 0; i < kTileSide; ++i) {
    for (int j = 0; j < kTileSide; ++j) {
      out[i * kTileSide + j] = plain_dot(
          padded, similarity, [&](int64_t f) { return u[i][f]; },
          [&](int64_t f) { return w[j][f]; });
    }
  }
}

#endif

}  // namespace HWY_NAMESPACE
}  // namespace consilience::kernels::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace consilience::kernels::cpu {

HWY_EXPORT(fixed_dots);
HWY_EXPORT(condition_row);
HWY_EXPORT(fixed_dot_tile);

void fixed_dots(const double* v, const Side& side, std::span<const int32_t> rows,
                Similarity similarity, double* out) {
  HWY_DYNAMIC_DISPATCH(fixed_dots)(v, side, rows, similarity, out);
}

void fixed_squares(const Side& side, std::span<const int32_t> rows, double* out) {
  HWY_DYNAMIC_DISPATCH(fixed_dots)(nullptr, side, rows, Similarity::dot, out);
}

void fixed_dot_tile(const double* const* u, const double* const* w, int64_t padded,
                    Similarity similarity, double* out) {
  HWY_DYNAMIC_DISPATCH(fixed_dot_tile)(u, w, padded, similarity, out);
}

Side::Side(MatrixView<const float> x, float clamp, std::span<const double> mean)
    : x_(x), clamp_(clamp), mean_(static_cast<size_t>((x.cols() + kLanes - 1) / kLanes * kLanes)) {
  std::copy(mean.begin(), mean.end(), mean_.begin());
  centres_ = std::ranges::any_of(mean_, [](double m) { return m != 0; });
}

void Side::condition(int64_t i, double* v) const {
  HWY_DYNAMIC_DISPATCH(condition_row)(*this, i, v);
}

}  // namespace consilience::kernels::cpu
#endif
