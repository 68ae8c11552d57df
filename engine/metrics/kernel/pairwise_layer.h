#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "engine/metrics/kernel/layer_rows.h"
#include "kernels/base/matrix.h"

namespace consilience::engine {

/// What stands at (i, j) of a layer's symmetric [n, n] matrix: x_i . x_j; exp(-|x_i - x_j|^2 /
/// (2 sigma^2)); |x_i - x_j|; |x_i - x_j|^2; half of that (1 - x_i . x_j of unit rows).
enum class PairEntry { dot, rbf, distance, squared_distance, half_squared_distance };

/// double; or products in float with everything else in double.
enum class Precision { f64, f32 };

/// One layer as a symmetric matrix of which only pieces exist. All entries, the diagonal too, may
/// be less by one constant (`shifted`): centring takes it out again, and far less cancels.
class PairwiseLayer {
 public:
  /// `sigma` is read for rbf only.
  PairwiseLayer(LayerRows rows, PairEntry entry, bool shifted, double sigma = 0);

  [[nodiscard]] const LayerRows& rows() const { return rows_; }
  [[nodiscard]] PairEntry entry() const { return entry_; }
  /// Dot products [r, c] of rows `x` [r, d] and `y` [c, d] become entries. `x_norms`, `y_norms`:
  /// their squared norms.
  void finish(MatrixView<const double> x, std::span<const double> x_norms,
              MatrixView<const double> y, std::span<const double> y_norms,
              MatrixView<double> dots) const;
  /// The entry of two rows.
  [[nodiscard]] double entry_of(std::span<const double> x, std::span<const double> y) const;
  [[nodiscard]] double diagonal(int64_t i) const;

 private:
  [[nodiscard]] double of_squared_distance(double d2) const;

  LayerRows rows_;
  PairEntry entry_;
  double sigma_;
  double typical_ = 0;  // of the squared distance: where the shift is taken
  double shift_ = 0;
};

/// Rows in the precision of products.
class ProductRows {
 public:
  ProductRows(const Matrix<double>& rows, Precision precision);
  /// Dot products of rows [begin, end) with the first `count` rows of `other`, into `out`.
  void dots(const kernels::Context& context, int64_t begin, int64_t end, const ProductRows& other,
            int64_t count, MatrixView<double> out) const;

 private:
  const Matrix<double>* wide_;  // outlives this
  Matrix<float> narrow_;        // empty in double
};

}  // namespace consilience::engine
