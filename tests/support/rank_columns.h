#pragma once
#include <algorithm>
#include <numeric>

#include "kernels/ops/rank_of.h"
#include "tests/support/random_matrix.h"

namespace consilience::testing {

inline Matrix<int32_t> ranks(const kernels::Context& context, const kernels::Conditioned& queries,
                             const kernels::Conditioned& gallery, const kernels::RankParams& params,
                             const Matrix<int32_t>& columns) {
  Matrix<int32_t> found(columns.rows(), columns.cols(), -7);
  kernels::rank_of(context, queries, gallery, params, columns.view(), found.view());
  return found;
}

inline Matrix<int32_t> random_columns(int64_t q, int64_t m, int64_t n, uint64_t seed) {
  Draws draws(seed);
  Matrix<int32_t> columns(q, m);
  for (int32_t& j : columns.values()) j = draws.below(n);
  return columns;
}

inline Matrix<int32_t> every_column(int64_t q, int64_t n) {
  Matrix<int32_t> columns(q, n);
  for (int64_t i = 0; i < q; ++i) std::iota(columns.row(i).begin(), columns.row(i).end(), 0);
  return columns;
}

}  // namespace consilience::testing
