#pragma once
#include <cstdint>
#include <span>

#include "kernels/base/backend.h"
#include "kernels/base/matrix_view.h"
#include "kernels/ops/packed_lists.h"

namespace consilience::kernels {

/// For every pair of layers (a, b): how many neighbours the first-k lists share, summed over the
/// rows.
///   a: A layers, b: B layers, of one n and k. counts [A, B].
///   permutation: [n] or empty. When given, the graphs of a are relabelled by it first: the
///   relabelled graph has at row p(i) the set { p(j) : j in list(i) }.
/// Integers only, so identical everywhere. Made for whole grids under many permutations.
/// Throws Error(never) if shapes disagree or `permutation` is none.
void overlap_counts(const Context& context, const PackedLists& a, const PackedLists& b,
                    std::span<const int32_t> permutation, MatrixView<int64_t> counts);

/// The same of lists that are not packed, for one call.
void overlap_counts(const Context& context, std::span<const ListView> as,
                    std::span<const ListView> bs, int k, std::span<const int32_t> permutation,
                    MatrixView<int64_t> counts);

/// The same per sample for one pair: out [n] = |N_a(i) & N_b(i)|.
void overlap_per_row(const Context& context, ListView a, ListView b, int k, std::span<int32_t> out);

}  // namespace consilience::kernels
