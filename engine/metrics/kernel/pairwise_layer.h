#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "engine/metrics/kernel/layer_rows.h"
#include "kernels/base/matrix.h"
#include "kernels/ops/hsic_tiles.h"

namespace consilience::engine {

using kernels::PairEntry;

/// double; or products in float with everything else in double.
enum class Precision { f64, f32 };

/// One layer as a symmetric matrix of which only pieces exist. All entries, the diagonal too, may
/// be less by one constant (`shifted`): centring takes it out again, and far less cancels.
class PairwiseLayer {
 public:
  /// `sigma` is read for rbf only.
  PairwiseLayer(LayerRows rows, PairEntry entry, bool shifted, double sigma = 0);

  [[nodiscard]] const LayerRows& rows() const { return rows_; }
  [[nodiscard]] PairEntry entry() const { return kernel_.entry; }
  [[nodiscard]] const kernels::PairKernel& kernel() const { return kernel_; }
  /// Dot products [r, c] of rows `x` [r, d] and `y` [c, d] become entries. `x_norms`, `y_norms`:
  /// their squared norms.
  void finish(MatrixView<const double> x, std::span<const double> x_norms,
              MatrixView<const double> y, std::span<const double> y_norms,
              MatrixView<double> dots) const;
  /// The entry of two rows.
  [[nodiscard]] double entry_of(std::span<const double> x, std::span<const double> y) const;
  [[nodiscard]] double diagonal(int64_t i) const;

 private:
  LayerRows rows_;
  kernels::PairKernel kernel_;
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
