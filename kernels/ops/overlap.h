#pragma once
#include <cstdint>
#include <span>

#include "kernels/base/backend.h"
#include "kernels/base/matrix_view.h"

namespace consilience::kernels {

/// Neighbour lists [n, K >= k] of one layer; only the first k columns count. Entries 0 .. n-1,
/// distinct within a row.
using ListView = MatrixView<const int32_t>;

/// For every pair of layers (a, b): how many neighbours the first-k lists share, summed over the
/// rows.
///   as: A lists, bs: B lists, all of n rows. counts [A, B].
///   permutation: [n] or empty. When given, the graphs of `as` are relabelled by it first: the
///   relabelled graph has at row p(i) the set { p(j) : j in list(i) }.
/// Integers only, so identical everywhere. Made for whole grids: each list becomes a bit set once
/// and stays hot over the grid.
void overlap_counts(const Context& context, std::span<const ListView> as,
                    std::span<const ListView> bs, int k, std::span<const int32_t> permutation,
                    MatrixView<int64_t> counts);

/// The same per sample for one pair: out [n] = |N_a(i) & N_b(i)|.
void overlap_per_row(const Context& context, ListView a, ListView b, int k, std::span<int32_t> out);

}  // namespace consilience::kernels
