#include "kernels/cpu/bit_sets.h"

#include "kernels/cpu/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cpu/bit_sets.cpp"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace consilience::kernels::cpu {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Words = hn::CappedTag<uint64_t, kSetWords>;
constexpr int64_t kWidth = static_cast<int64_t>(hn::MaxLanes(Words()));
constexpr int kTile = HWY_ARCH_X86 && HWY_TARGET > HWY_AVX3 ? 2 : 4;  // by the registers there are

/// A tile of pairs whose counts stay in registers.
template <int kA, int kB>
HWY_INLINE void tile(const uint64_t* a, const uint64_t* b, int64_t words, int64_t* counts,
                     int64_t layers_b) {
  const Words tag;
  hn::Vec<Words> sum[kA][kB];
  for (int i = 0; i < kA; ++i) {
    for (int j = 0; j < kB; ++j) sum[i][j] = hn::Zero(tag);
  }
  for (int64_t w = 0; w < words; w += kWidth) {
    for (int i = 0; i < kA; ++i) {
      const auto set = hn::LoadU(tag, a + i * words + w);
      for (int j = 0; j < kB; ++j) {
        const auto shared = hn::And(set, hn::LoadU(tag, b + j * words + w));
        sum[i][j] = hn::Add(sum[i][j], hn::PopulationCount(shared));
      }
    }
  }
  for (int i = 0; i < kA; ++i) {
    for (int j = 0; j < kB; ++j) {
      counts[i * layers_b + j] += static_cast<int64_t>(hn::GetLane(hn::SumOfLanes(tag, sum[i][j])));
    }
  }
}

template <int kA>
void strip(const uint64_t* a, const uint64_t* b, int64_t layers_b, int64_t words, int64_t* counts) {
  int64_t j = 0;
  for (; j + kTile <= layers_b; j += kTile) {
    tile<kA, kTile>(a, b + j * words, words, counts + j, layers_b);
  }
  for (; j < layers_b; ++j) tile<kA, 1>(a, b + j * words, words, counts + j, layers_b);
}

void add_shared_bits(const uint64_t* a, int64_t layers_a, const uint64_t* b, int64_t layers_b,
                     int64_t words, int64_t* counts) {
  int64_t i = 0;
  for (; i + kTile <= layers_a; i += kTile) {
    strip<kTile>(a + i * words, b, layers_b, words, counts + i * layers_b);
  }
  for (; i < layers_a; ++i) strip<1>(a + i * words, b, layers_b, words, counts + i * layers_b);
}

}  // namespace HWY_NAMESPACE
}  // namespace consilience::kernels::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace consilience::kernels::cpu {

HWY_EXPORT(add_shared_bits);

void add_shared_bits(const uint64_t* a, int64_t layers_a, const uint64_t* b, int64_t layers_b,
                     int64_t words, int64_t* counts) {
  HWY_DYNAMIC_DISPATCH(add_shared_bits)(a, layers_a, b, layers_b, words, counts);
}

}  // namespace consilience::kernels::cpu
#endif
