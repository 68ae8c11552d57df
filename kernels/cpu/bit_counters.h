#pragma once
#include <cstdint>

/// Many counters at once, one a bit position: what carry-save adders make of masks (Harley-Seal).
namespace consilience::kernels::cpu {

inline constexpr int64_t kMaskWords = 8;  // of 64 bits: a mask stands for 512 counters
inline constexpr int64_t kCounters = 64 * kMaskWords;
inline constexpr int64_t kMaskGroup = 8;  // masks are added so many at a time

/// Which masks are added to each of `lists` sets of counters.
struct MaskSums {
  const uint64_t* table;    // [masks, kMaskWords], 64-byte aligned
  const uint32_t* masks;    // [lists, stride]: rows of the table
  const uint32_t* lengths;  // [lists], multiples of kMaskGroup
  int64_t stride;
  int64_t lists;
};

/// Counter c of list l += how many of the list's masks have bit c set.
///   planes [lists, bits, kMaskWords]: bit c of plane p is bit p of counter c. 64-byte aligned.
/// The counters must not reach 2^bits.
void add_masks(const MaskSums& sums, int64_t bits, uint64_t* planes);

/// out = the first `counters` counters of one list, rounded up to a multiple of 8.
void read_counters(const uint64_t* planes, int64_t bits, int64_t counters, int64_t* out);

}  // namespace consilience::kernels::cpu
