#include "kernels/cpu/residuals.h"

#include <algorithm>
#include <cmath>

#include "kernels/base/fixed_sum.h"
#include "kernels/cpu/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cpu/residuals.cpp"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace consilience::kernels::cpu {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// r = (scale (clamp(x) - mean) - centre) unit over d features; sums = |r|^2, |z|^2, m' . r, m' . z
/// in no particular order: bounds leave room for what they lose.
void subtract_centre(const float* x, float clamp, const double* mean, double scale,
                     const double* centre, double unit, int64_t d, float* out, double* sums) {
  const hn::CappedTag<double, kLanes> doubles;
  const hn::Rebind<float, decltype(doubles)> floats;
  constexpr auto kWidth = static_cast<int64_t>(hn::MaxLanes(doubles));
  constexpr int64_t kParts = kLanes / kWidth;  // eight lanes everywhere: the bound counts on it
  const auto high = hn::Set(floats, clamp);
  const auto low = hn::Neg(high);
  hn::Vec<decltype(doubles)> sum[4][kParts];
  for (auto& parts : sum) {
    for (auto& part : parts) part = hn::Zero(doubles);
  }
  const auto take = [&](const float* from, int64_t f, float* to) HWY_ATTR {
    for (int64_t part = 0; part < kParts; ++part) {
      const int64_t at = part * kWidth;
      const auto cut = hn::Min(hn::Max(hn::LoadU(floats, from + at), low), high);
      const auto v = hn::Sub(hn::PromoteTo(doubles, cut), hn::LoadU(doubles, mean + f + at));
      const auto z = hn::Mul(v, hn::Set(doubles, scale));
      const auto m = hn::LoadU(doubles, centre + f + at);
      const auto r = hn::Mul(hn::Sub(z, m), hn::Set(doubles, unit));
      hn::StoreU(hn::DemoteTo(floats, r), floats, to + at);
      sum[0][part] = hn::MulAdd(r, r, sum[0][part]);
      sum[1][part] = hn::MulAdd(z, z, sum[1][part]);
      sum[2][part] = hn::MulAdd(m, r, sum[2][part]);
      sum[3][part] = hn::MulAdd(m, z, sum[3][part]);
    }
  };
  int64_t f = 0;
  for (; f + kLanes <= d; f += kLanes) take(x + f, f, out + f);
  if (f < d) {  // mean and centre are zero beyond d, and so is r
    float tail[kLanes] = {};
    std::copy(x + f, x + d, tail);
    take(tail, f, out + f);
  }
  for (int s = 0; s < 4; ++s) {
    sums[s] = 0;
    for (const auto& part : sum[s]) sums[s] += hn::GetLane(hn::SumOfLanes(doubles, part));
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace consilience::kernels::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace consilience::kernels::cpu {

HWY_EXPORT(subtract_centre);

namespace {

constexpr double kSumRoom = 1 + 0x1p-30;  // what the sums of squares can lose

}  // namespace

Residual residual(const ResidualFrame& frame, const Side& side, double scale, int64_t i,
                  float* out) {
  double sums[4];
  HWY_DYNAMIC_DISPATCH(subtract_centre)
  (side.x().row(i).data(), side.clamp(), side.mean(), scale, frame.centre().data(), frame.unit(),
   side.x().cols(), out, sums);
  Residual row;
  row.norm = std::sqrt(sums[0]) * kSumRoom;
  row.reach = (std::sqrt(sums[1]) * kSumRoom + frame.centre_norm()) * frame.unit();
  if (frame.similarity() == Similarity::euclidean) {
    row.offset = row.level = -0.5 * sums[0];
  } else {
    row.offset = sums[2] * frame.unit();
    row.level = sums[3] * frame.score_unit();
  }
  return row;
}

}  // namespace consilience::kernels::cpu
#endif
