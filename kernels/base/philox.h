#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

/// Counter-based random numbers, Philox4x32-10 (Salmon et al., SC 2011): integers only, the same
/// draws on every machine.
namespace consilience::kernels {

using PhiloxBlock = std::array<uint32_t, 4>;

/// Ten rounds of Philox4x32 on `counter` under the 64-bit `key` (word 0 low).
PhiloxBlock philox4x32(PhiloxBlock counter, uint64_t key);

enum class Purpose : uint32_t { permutation = 1, split = 2, row_order = 3, pairs = 4 };

/// key(p, i): 64 bits of Philox(key = seed, counter = {i, p, purpose, unit}); word1 << 32 | word0.
uint64_t draw(uint64_t seed, uint32_t i, uint32_t p, Purpose purpose, uint32_t unit);

/// The indices 0 .. n-1 sorted by (block, draw, index): draw number p of unit `unit`. `block` [n]
/// or empty: rows move within their block only. Entry i of the result is where row i goes.
std::vector<int32_t> permutation(uint64_t seed, uint32_t p, Purpose purpose, uint32_t unit,
                                 int64_t n, std::span<const int32_t> block = {});

}  // namespace consilience::kernels
