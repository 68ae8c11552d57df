#include "kernels/cpu/bit_counters.h"

#include <algorithm>

#include "kernels/cpu/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cpu/bit_counters.cpp"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace consilience::kernels::cpu {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Words = hn::CappedTag<uint64_t, kMaskWords>;
using Vector = hn::Vec<Words>;
constexpr int64_t kWidth = static_cast<int64_t>(hn::MaxLanes(Words()));

constexpr int kLocalBits = 8;          // counters that stay in registers
constexpr uint32_t kMasksLocal = 248;  // and the masks they can hold: below 2^8, whole groups

/// a + b + c in every bit position: returns the carry, the sum goes to `a`.
HWY_INLINE Vector carry_save(Vector& a, Vector b, Vector c) {
#if HWY_TARGET <= HWY_AVX3 && HWY_ARCH_X86
  constexpr int kMajority = 0xE8;
  const Vector carry{_mm512_ternarylogic_epi64(a.raw, b.raw, c.raw, kMajority)};
  a = hn::Xor3(a, b, c);
#else
  const Vector either = hn::Xor(a, b);
  const Vector carry = hn::Or(hn::And(a, b), hn::And(either, c));
  a = hn::Xor(either, c);
#endif
  return carry;
}

/// a + b: returns the carry, the sum goes to `a`.
HWY_INLINE Vector half_add(Vector& a, Vector b) {
  const Vector carry = hn::And(a, b);
  a = hn::Xor(a, b);
  return carry;
}

/// Adds masks, at most kMasksLocal, to counters of kLocalBits bits.
HWY_INLINE void add_local(const uint64_t* table, const uint32_t* masks, uint32_t count,
                          Vector* local) {
  const Words tag;
  for (uint32_t m = 0; m < count; m += kMaskGroup) {
    const auto mask = [&](uint32_t i) {
      return hn::Load(tag, table + size_t{masks[m + i]} * kMaskWords);
    };
    Vector twos = carry_save(local[0], mask(0), mask(1));
    Vector fours = carry_save(local[1], twos, carry_save(local[0], mask(2), mask(3)));
    twos = carry_save(local[0], mask(4), mask(5));
    const Vector more = carry_save(local[1], twos, carry_save(local[0], mask(6), mask(7)));
    Vector carry = carry_save(local[2], fours, more);
    for (int p = 3; p < kLocalBits; ++p) carry = half_add(local[p], carry);
  }
}

/// Adds counters of kLocalBits bits to the planes of one list.
HWY_INLINE void add_to_planes(const Vector* local, int64_t bits, uint64_t* planes) {
  const Words tag;
  Vector carry = hn::Zero(tag);
  const auto plane = [&](int64_t p) { return planes + p * kMaskWords; };
  const int64_t shared = std::min<int64_t>(bits, kLocalBits);
  for (int64_t p = 0; p < shared; ++p) {
    Vector sum = hn::Load(tag, plane(p));
    carry = carry_save(sum, local[p], carry);
    hn::Store(sum, tag, plane(p));
  }
  for (int64_t p = shared; p < bits; ++p) {
    Vector sum = hn::Load(tag, plane(p));
    carry = half_add(sum, carry);
    hn::Store(sum, tag, plane(p));
  }
}

void add_masks(const MaskSums& sums, int64_t bits, uint64_t* planes) {
  for (int64_t l = 0; l < sums.lists; ++l) {
    const uint32_t length = sums.lengths[l];
    for (int64_t word = 0; word < kMaskWords; word += kWidth) {
      for (uint32_t first = 0; first < length; first += kMasksLocal) {
        Vector local[kLocalBits];
        for (Vector& counter : local) counter = hn::Zero(Words());
        add_local(sums.table + word, sums.masks + l * sums.stride + first,
                  std::min(kMasksLocal, length - first), local);
        add_to_planes(local, bits, planes + l * bits * kMaskWords + word);
      }
    }
  }
}

/// Eight counters at a time: the bytes of every plane, each bit spread to a lane.
void read_counters(const uint64_t* planes, int64_t bits, int64_t counters, int64_t* out) {
  const hn::CappedTag<int64_t, 8> tag;
  constexpr int64_t kLanes = static_cast<int64_t>(hn::MaxLanes(hn::CappedTag<int64_t, 8>()));
  for (int64_t first = 0; first < counters; first += 8) {
    for (int64_t part = 0; part < 8; part += kLanes) {
      auto sum = hn::Zero(tag);
      for (int64_t p = 0; p < bits; ++p) {
        const uint64_t word = planes[p * kMaskWords + first / 64];
        const uint8_t byte[8] = {static_cast<uint8_t>(word >> (first % 64 + part))};
        const auto set = hn::LoadMaskBits(tag, byte);
        sum = hn::Add(sum, hn::IfThenElseZero(set, hn::Set(tag, int64_t{1} << p)));
      }
      hn::StoreU(sum, tag, out + first + part);
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace consilience::kernels::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace consilience::kernels::cpu {

HWY_EXPORT(add_masks);
HWY_EXPORT(read_counters);

void add_masks(const MaskSums& sums, int64_t bits, uint64_t* planes) {
  HWY_DYNAMIC_DISPATCH(add_masks)(sums, bits, planes);
}

void read_counters(const uint64_t* planes, int64_t bits, int64_t counters, int64_t* out) {
  HWY_DYNAMIC_DISPATCH(read_counters)(planes, bits, counters, out);
}

}  // namespace consilience::kernels::cpu
#endif
