#include <algorithm>
#include <set>

#include "kernels/ops/backends.h"

namespace consilience::kernels::reference {
namespace {

int32_t shared(std::span<const int32_t> a, std::span<const int32_t> b) {
  const std::set<int32_t> members(a.begin(), a.end());
  return static_cast<int32_t>(
      std::count_if(b.begin(), b.end(), [&](int32_t j) { return members.contains(j); }));
}

}  // namespace

void overlap_counts(const Context&, const PackedLists& a, const PackedLists& b,
                    std::span<const int32_t> permutation, MatrixView<int64_t> counts) {
  const auto p = [&](int64_t i) {
    return permutation.empty() ? static_cast<int32_t>(i) : permutation[static_cast<size_t>(i)];
  };
  for (int64_t layer_a = 0; layer_a < a.layers(); ++layer_a) {
    for (int64_t layer_b = 0; layer_b < b.layers(); ++layer_b) {
      int64_t count = 0;
      for (int64_t i = 0; i < a.rows(); ++i) {
        std::vector<int32_t> relabelled;
        for (const int32_t j : a.list(layer_a, i)) relabelled.push_back(p(j));
        count += shared(relabelled, b.list(layer_b, p(i)));
      }
      counts(layer_a, layer_b) = count;
    }
  }
}

void overlap_per_row(const Context&, ListView a, ListView b, int k, std::span<int32_t> out) {
  const auto width = static_cast<size_t>(k);
  for (int64_t i = 0; i < a.rows(); ++i) {
    out[static_cast<size_t>(i)] = shared(a.row(i).first(width), b.row(i).first(width));
  }
}

}  // namespace consilience::kernels::reference
