#include "kernels/ops/overlap.h"

#include <algorithm>
#include <vector>

#include "kernels/ops/backends.h"

namespace consilience::kernels {
namespace {

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

void overlap_counts(const Context& context, const PackedLists& a, const PackedLists& b,
                    std::span<const int32_t> permutation, MatrixView<int64_t> counts) {
  expect(counts.rows() == a.layers() && counts.cols() == b.layers(),
         "overlap: counts is {} x {}, expected {} x {}", counts.rows(), counts.cols(), a.layers(),
         b.layers());
  if (counts.empty()) return;
  expect(a.rows() == b.rows() && a.k() == b.k(),
         "overlap: lists of {} rows and k = {} beside lists of {} rows and k = {}", a.rows(), a.k(),
         b.rows(), b.k());
  if (!permutation.empty()) check_permutation(permutation, a.rows());
  dispatch(
      context, [&] { reference::overlap_counts(context, a, b, permutation, counts); },
      [&] { cpu::overlap_counts(context, a, b, permutation, counts); },
      [&] { cuda::overlap_counts(context, a, b, permutation, counts); });
}

void overlap_counts(const Context& context, std::span<const ListView> as,
                    std::span<const ListView> bs, int k, std::span<const int32_t> permutation,
                    MatrixView<int64_t> counts) {
  const PackedLists a(as, k, "the first side");
  const PackedLists b(bs, k, "the second side");
  overlap_counts(context, a, b, permutation, counts);
}

void overlap_per_row(const Context& context, ListView a, ListView b, int k,
                     std::span<int32_t> out) {
  check_lists(a, a.rows(), k, 0, "the first side");
  check_lists(b, a.rows(), k, 0, "the second side");
  expect(std::ssize(out) == a.rows(), "overlap: out has {} entries, expected {}", out.size(),
         a.rows());
  if (out.empty()) return;
  dispatch(
      context, [&] { reference::overlap_per_row(context, a, b, k, out); },
      [&] { cpu::overlap_per_row(context, a, b, k, out); },
      [&] { cuda::overlap_per_row(context, a, b, k, out); });
}

}  // namespace consilience::kernels
