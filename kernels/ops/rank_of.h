#pragma once
#include <cstdint>
#include <span>

#include "kernels/base/backend.h"
#include "kernels/base/matrix_view.h"
#include "kernels/ops/condition.h"

namespace consilience::kernels {

struct RankParams {
  Similarity similarity = Similarity::dot;
  std::span<const int64_t> self = {};  // [q] the gallery row that is query i itself (left out by
                                       // index), -1: none; empty: none
  std::span<const int32_t> query_group = {};  // [q], with gallery_group [n]: rows of the query's
                                              // group are left out. Both empty: off
  std::span<const int32_t> gallery_group = {};
};

/// The rank of any gallery row among a query's neighbours, exactly, in the order of `neighbors`
/// (docs: numerics, section 2): better scores first, then lower indices; the nearest is 1.
///   queries [q, d], gallery [n, d], conditioned alike, d <= 16384; columns [q, m]: gallery rows;
///   ranks [q, m] = 1 + how many eligible rows come before columns(i, c), which need not be
///   eligible itself. Memory is O(n) a thread; the time is q n d, and little more for large m.
/// Euclidean takes no row scales: under l2 its order is that of dot.
/// Precondition: finite features (check_finite).
/// Throws Error(never) if shapes disagree, a column is no row, or a scale is not finite.
void rank_of(const Context& context, const Conditioned& queries, const Conditioned& gallery,
             const RankParams& params, MatrixView<const int32_t> columns,
             MatrixView<int32_t> ranks);

}  // namespace consilience::kernels
