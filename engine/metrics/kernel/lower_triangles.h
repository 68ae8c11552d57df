#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "engine/metrics/kernel/pairwise_layer.h"
#include "kernels/base/backend.h"
#include "kernels/base/matrix.h"

namespace consilience::engine {

/// Where row i begins in a strictly lower triangle kept row after row: entry (i, j), j < i, is at
/// triangle_row(i) + j. The number of pairs of n rows is triangle_row(n).
constexpr int64_t triangle_row(int64_t i) { return i * (i - 1) / 2; }

/// The strictly lower triangles of layers of n rows, one a row: [layers, n (n - 1) / 2].
[[nodiscard]] Matrix<double> lower_triangles(const kernels::Context& context,
                                             std::span<const PairwiseLayer> layers,
                                             Precision precision);

/// The whole symmetric matrix [n, n] of a strictly lower triangle; zero diagonal.
[[nodiscard]] Matrix<double> square_of(int64_t n, std::span<const double> triangle);

/// Rows [begin, end) of the triangle of `square` with row place[i] at place i, one after another.
void gather_triangle_rows(const Matrix<double>& square, std::span<const int32_t> place,
                          int64_t begin, int64_t end, double* to);

}  // namespace consilience::engine
