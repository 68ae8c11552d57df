#pragma once
#include <cstdint>
#include <span>
#include <string_view>

#include "kernels/base/backend.h"
#include "kernels/base/matrix_view.h"
#include "kernels/ops/condition.h"

namespace consilience::kernels {

struct NeighborParams {
  int k = 10;                               // 1 .. 1024
  Similarity similarity = Similarity::dot;  // with row scales: cosine
  std::span<const int64_t> self;  // [q] the gallery row that is query i itself (left out by index),
                                  // -1: none; empty: none
  std::span<const int32_t> query_group;  // [q], with gallery_group [n]: rows of the query's group
                                         // are no neighbours. Both empty: off
  std::span<const int32_t> gallery_group;
};

/// Output buffers, all with q rows.
struct NeighborLists {
  MatrixView<int32_t>
      index;                 // [q, k] gallery rows, best first; equal scores: the lower index first
  MatrixView<double> score;  // [q, k] s(i, j), or for euclidean the squared distance d2(i, j)
  std::span<double>
      next_score;  // [q] the (k+1)-th score; NaN where the gallery has only k eligible rows
  std::span<int32_t>
      ties;  // [q] how many eligible rows outside the list score exactly like the k-th
};

/// How the answer was found. It depends on timing and on the machine, the answer does not: for
/// events and benchmarks, never for files.
struct NeighborWork {
  // What most candidates were found in: int8, int16, f16, f32, or none (double).
  std::string_view arithmetic = "double";
  int64_t candidates = 0;  // pairs (query, distinct row) left to be told apart in double
  int64_t redone = 0;      // queries that had too many of them and were done again
};

/// The k nearest gallery rows of every query row, exactly (docs: numerics, section 2): the same
/// bits on every backend, thread count and block size.
///   queries [q, d], gallery [n, d], conditioned alike, d <= 16384. Never an n x n matrix: memory
///   is O(n + q k + block). Euclidean takes no row scales: under l2 its order is that of dot.
/// Precondition: finite features (check_finite).
/// Throws Error(never) if k is out of range, shapes disagree, a scale is not finite, or some query
/// has fewer than k eligible rows (it names the first).
NeighborWork neighbors(const Context& context, const Conditioned& queries,
                       const Conditioned& gallery, const NeighborParams& params, NeighborLists out);

}  // namespace consilience::kernels
