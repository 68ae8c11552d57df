#include "kernels/cpu/candidate_tile.h"

#include <limits>

#include "kernels/cpu/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cpu/candidate_tile.cpp"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace consilience::kernels::cpu {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Floats = hn::ScalableTag<float>;
using Vector = hn::Vec<Floats>;
constexpr int kWidth = static_cast<int>(hn::MaxLanes(Floats()));
// Products that fill the registers: 8 x 3 of the 32 there are with AVX-512 and NEON, 4 x 3 of 16.
constexpr int kRows = HWY_ARCH_X86 && HWY_TARGET > HWY_AVX3 ? 4 : 8;
constexpr int kVectors = 3;
constexpr int kColumns = kVectors * kWidth;

int tile_rows() { return kRows; }
int tile_columns() { return kColumns; }

/// tile [kRows, kColumns] = queries . panel, in chains of at most kChain.
HWY_INLINE void multiply(const float* HWY_RESTRICT queries, const float* HWY_RESTRICT panel,
                         int64_t d, float* HWY_RESTRICT tile) {
  const Floats tag;
  for (int64_t begin = 0; begin < d; begin += kChain) {
    const int64_t end = HWY_MIN(d, begin + kChain);
    Vector sum[kRows][kVectors];
    for (int r = 0; r < kRows; ++r) {
      for (int v = 0; v < kVectors; ++v) sum[r][v] = hn::Zero(tag);
    }
    for (int64_t f = begin; f < end; ++f) {
      Vector column[kVectors];
      for (int v = 0; v < kVectors; ++v) {
        column[v] = hn::LoadU(tag, panel + f * kColumns + v * kWidth);
      }
      for (int r = 0; r < kRows; ++r) {
        const auto value = hn::Set(tag, queries[r * d + f]);
        for (int v = 0; v < kVectors; ++v) sum[r][v] = hn::MulAdd(value, column[v], sum[r][v]);
      }
    }
    for (int r = 0; r < kRows; ++r) {
      for (int v = 0; v < kVectors; ++v) {
        float* out = tile + r * kColumns + v * kWidth;
        hn::StoreU(begin == 0 ? sum[r][v] : hn::Add(hn::LoadU(tag, out), sum[r][v]), tag, out);
      }
    }
  }
}

int scan_tile(const float* queries, const QueryBound* bounds, const float* threshold,
              const Panels& panels, int64_t panel, Hit* hits) {
  const Floats tag;
  HWY_ALIGN float tile[kRows * kColumns];
  HWY_ALIGN float low[kWidth];
  HWY_ALIGN float high[kWidth];
  multiply(queries, panels.features.data() + panel * panels.d * kColumns, panels.d, tile);
  int count = 0;
  for (int v = 0; v < kVectors; ++v) {
    const int64_t first = panel * kColumns + v * kWidth;
    const auto offset = hn::LoadU(tag, panels.offset.data() + first);
    const auto norm = hn::LoadU(tag, panels.norm.data() + first);
    const auto spread = hn::LoadU(tag, panels.spread.data() + first);
    const auto reach = hn::LoadU(tag, panels.reach.data() + first);
    const auto own = hn::LoadU(tag, panels.own.data() + first);
    for (int r = 0; r < kRows; ++r) {
      const auto t = hn::Add(hn::Load(tag, tile + r * kColumns + v * kWidth), offset);
      auto bound = hn::Add(own, hn::Set(tag, bounds[r].own));
      bound = hn::MulAdd(hn::Set(tag, bounds[r].error), norm, bound);
      bound = hn::MulAdd(hn::Set(tag, bounds[r].norm), spread, bound);
      bound = hn::MulAdd(hn::Set(tag, bounds[r].reach), reach, bound);
      const auto above = hn::Add(t, bound);
      if (hn::AllFalse(tag, hn::Lt(hn::Set(tag, threshold[r]), above)) &&
          hn::AllFalse(tag, hn::Eq(hn::Set(tag, threshold[r]), above))) {
        continue;
      }
      hn::Store(hn::Sub(t, bound), tag, low);
      hn::Store(above, tag, high);
      for (int lane = 0; lane < kWidth; ++lane) {
        if (high[lane] < threshold[r]) continue;
        hits[count++] = {r, static_cast<int32_t>(first) + lane, low[lane], high[lane]};
      }
    }
  }
  return count;
}

}  // namespace HWY_NAMESPACE
}  // namespace consilience::kernels::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace consilience::kernels::cpu {

HWY_EXPORT(tile_rows);
HWY_EXPORT(tile_columns);
HWY_EXPORT(scan_tile);

int tile_rows() { return HWY_DYNAMIC_DISPATCH(tile_rows)(); }
int tile_columns() { return HWY_DYNAMIC_DISPATCH(tile_columns)(); }
int scan_tile(const float* queries, const QueryBound* bounds, const float* threshold,
              const Panels& panels, int64_t panel, Hit* hits) {
  return HWY_DYNAMIC_DISPATCH(scan_tile)(queries, bounds, threshold, panels, panel, hits);
}

Panels::Panels(int64_t row_count, int64_t columns) : rows(row_count), d(columns) {
  const int64_t width = tile_columns();
  const auto padded = static_cast<size_t>((rows + width - 1) / width * width);
  features.assign(padded * static_cast<size_t>(d), 0.0F);
  // Filling: the score minus infinity.
  offset.assign(padded, -std::numeric_limits<float>::infinity());
  norm.assign(padded, 0.0F);
  spread = reach = own = norm;
}

float* Panels::feature_of(int64_t j) {
  const int64_t width = tile_columns();
  return features.data() + j / width * width * d + j % width;
}

void Panels::set_bound(int64_t j, const GalleryBound& bound, double offset_j) {
  const auto at = static_cast<size_t>(j);
  offset[at] = static_cast<float>(offset_j);
  norm[at] = bound.norm;
  spread[at] = bound.spread;
  reach[at] = bound.reach;
  own[at] = bound.own;
}

void Panels::set_unbounded(int64_t j) {
  set_bound(j, {0.0F, 0.0F, 0.0F, std::numeric_limits<float>::infinity()}, 0.0);
}

}  // namespace consilience::kernels::cpu
#endif
