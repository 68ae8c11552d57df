#pragma once
#include <cstdint>

namespace consilience::engine {

/// K, the neighbours that a graph of n rows keeps so that every k' <= k is a prefix and half-splits
/// can filter: min(n - 1, max(k, min(4 k, 1024))) up to 20,000 rows, beyond min(n - 1, k)
/// (numerics, section 2).
[[nodiscard]] int list_length(int64_t n, int k);

}  // namespace consilience::engine
