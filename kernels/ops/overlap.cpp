#include "kernels/ops/overlap.h"

#include <algorithm>
#include <vector>

#include "kernels/ops/backends.h"

namespace consilience::kernels {
namespace {

void check_lists(ListView lists, int64_t n, int k, const char* side, size_t layer) {
  expect(lists.rows() == n, "overlap: layer {} of {} has {} rows, expected {}", layer, side,
         lists.rows(), n);
  expect(lists.cols() >= k, "overlap: lists of {} in layer {} of {}, expected at least k = {}",
         lists.cols(), layer, side, k);
  for (int64_t i = 0; i < n; ++i) {
    const auto row = lists.row(i).first(static_cast<size_t>(k));
    uint32_t largest = 0;  // a negative entry is a large one
    for (const int32_t j : row) largest = std::max(largest, static_cast<uint32_t>(j));
    if (largest < n) continue;
    const auto bad =
        std::find_if(row.begin(), row.end(), [&](int32_t j) { return j < 0 || j >= n; });
    fail(Failure::never, "overlap: row {} of layer {} of {} lists {}, expected 0 to {}", i, layer,
         side, *bad, n - 1);
  }
}

void check_permutation(std::span<const int32_t> permutation, int64_t n) {
  expect(std::ssize(permutation) == n, "overlap: a permutation of {} rows, expected {}",
         permutation.size(), n);
  std::vector<bool> seen(permutation.size());
  for (size_t i = 0; i < permutation.size(); ++i) {
    const int32_t to = permutation[i];
    expect(to >= 0 && to < n && !seen[static_cast<size_t>(to)],
           "overlap: entry {} of the permutation is {}, expected each of 0 to {} once", i, to,
           n - 1);
    seen[static_cast<size_t>(to)] = true;
  }
}

}  // namespace

void overlap_counts(const Context& context, std::span<const ListView> as,
                    std::span<const ListView> bs, int k, std::span<const int32_t> permutation,
                    MatrixView<int64_t> counts) {
  expect(k >= 1, "overlap: k is {}, expected at least 1", k);
  expect(counts.rows() == std::ssize(as) && counts.cols() == std::ssize(bs),
         "overlap: counts is {} x {}, expected {} x {}", counts.rows(), counts.cols(), as.size(),
         bs.size());
  if (as.empty() || bs.empty()) return;
  const int64_t n = as[0].rows();
  for (size_t a = 0; a < as.size(); ++a) check_lists(as[a], n, k, "the first side", a);
  for (size_t b = 0; b < bs.size(); ++b) check_lists(bs[b], n, k, "the second side", b);
  if (!permutation.empty()) check_permutation(permutation, n);
  dispatch(
      context, [&] { reference::overlap_counts(context, as, bs, k, permutation, counts); },
      [&] { cpu::overlap_counts(context, as, bs, k, permutation, counts); },
      [&] { cuda::overlap_counts(context, as, bs, k, permutation, counts); });
}

void overlap_per_row(const Context& context, ListView a, ListView b, int k,
                     std::span<int32_t> out) {
  expect(k >= 1, "overlap: k is {}, expected at least 1", k);
  check_lists(a, a.rows(), k, "the first side", 0);
  check_lists(b, a.rows(), k, "the second side", 0);
  expect(std::ssize(out) == a.rows(), "overlap: out has {} entries, expected {}", out.size(),
         a.rows());
  if (out.empty()) return;
  dispatch(
      context, [&] { reference::overlap_per_row(context, a, b, k, out); },
      [&] { cpu::overlap_per_row(context, a, b, k, out); },
      [&] { cuda::overlap_per_row(context, a, b, k, out); });
}

}  // namespace consilience::kernels
