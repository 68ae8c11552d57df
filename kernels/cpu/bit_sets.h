#pragma once
#include <cstdint>

namespace consilience::kernels::cpu {

/// Sets are stored in whole vectors: their words come in multiples of this, the rest zero.
inline constexpr int64_t kSetWords = 8;

/// counts [layers_a, layers_b] += the bits that set a and set b share, for every pair.
///   a [layers_a, words], b [layers_b, words], words a multiple of kSetWords.
void add_shared_bits(const uint64_t* a, int64_t layers_a, const uint64_t* b, int64_t layers_b,
                     int64_t words, int64_t* counts);

}  // namespace consilience::kernels::cpu
