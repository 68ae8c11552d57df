#pragma once
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include "kernels/ops/overlap.h"
#include "tests/support/random_matrix.h"

namespace consilience::testing {

/// As random_lists, in time n a row: lists may be nearly as long as n.
inline Matrix<int32_t> random_long_lists(int64_t n, int k, uint64_t seed) {
  Draws draws(seed);
  std::vector<int32_t> all(static_cast<size_t>(n));
  std::iota(all.begin(), all.end(), 0);
  Matrix<int32_t> lists(n, k);
  for (int64_t i = 0; i < n; ++i) {
    for (int c = 0; c < k; ++c) {
      std::swap(all[static_cast<size_t>(c)], all[static_cast<size_t>(c + draws.below(n - c))]);
      lists(i, c) = all[static_cast<size_t>(c)];
    }
  }
  return lists;
}

/// Random lists of `count` layers.
struct Layers {
  Layers(int count, int64_t n, int width, uint64_t seed) {
    for (int layer = 0; layer < count; ++layer) {
      lists.push_back(random_long_lists(n, width, seed + static_cast<uint64_t>(layer)));
    }
    for (const auto& list : lists) views.push_back(list.view());
  }
  std::vector<Matrix<int32_t>> lists;
  std::vector<kernels::ListView> views;
};

inline Matrix<int64_t> counts(const kernels::Context& context, const Layers& a, const Layers& b,
                              int k, std::span<const int32_t> permutation) {
  Matrix<int64_t> result(std::ssize(a.views), std::ssize(b.views), -1);
  kernels::overlap_counts(context, a.views, b.views, k, permutation, result.view());
  return result;
}

}  // namespace consilience::testing
