#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/linalg/linalg.h"
#include "engine/metrics/metric_input.h"
#include "engine/types/metric_spec.h"

/// One layer as the alignment family sees it: centred columns and orthonormal bases of them.
namespace consilience::engine {

/// Directions whose singular value is not above this share of the largest are dropped: it is the
/// rounding of 32-bit features, below which a direction tells nothing.
inline constexpr double kDirectionTolerance = 0x1p-23;

/// Widened features [n, d] minus their column means, in double; a constant column is exactly 0.
/// Where the metric's preprocessing is "standardise", each other column is also divided by its
/// sample standard deviation (n - 1).
[[nodiscard]] Matrix<double> centred_columns(const LayerInput& layer, const MetricSpec& metric);

/// Subtracts and returns the column means.
std::vector<double> subtract_column_means(Matrix<double>& x);

/// Sum of all squares.
[[nodiscard]] double squared_norm(MatrixView<const double> x);

/// Divides by the Frobenius norm and returns it; a zero matrix stays 0.
double normalise(Matrix<double>& x);

/// x [n, d] = u diag(s) vt over the directions above kDirectionTolerance, s descending.
struct Directions {
  Matrix<double> u;       // [n, r]
  std::vector<double> s;  // [r]

  [[nodiscard]] int64_t rank() const { return u.cols(); }
};
[[nodiscard]] Directions directions(const linalg::Context& context, const Matrix<double>& x);

/// An orthonormal basis [n, r] of the column space. Columns get unit norm first, so it depends on
/// no column's scale.
[[nodiscard]] Matrix<double> column_basis(const linalg::Context& context, Matrix<double> centred);

/// Column i times factor[i].
[[nodiscard]] Matrix<double> columns_times(Matrix<double> x, std::span<const double> factor);

/// The first `count` columns.
[[nodiscard]] Matrix<double> first_columns(const Matrix<double>& x, int64_t count);

/// centred itself where d < n, else the r <= n - 1 columns u diag(s): the same up to a rotation.
[[nodiscard]] Matrix<double> narrowed(const linalg::Context& context, Matrix<double> centred);

/// "" or: so many dimensions span all that n centred rows can, so they predict any data.
[[nodiscard]] std::string spans_everything(int64_t n, int64_t dimensions);

/// "" or how many directions of d columns were dropped.
[[nodiscard]] std::string rank_remark(int64_t rank, int64_t d);

}  // namespace consilience::engine
