#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "kernels/base/backend.h"
#include "kernels/base/matrix.h"
#include "kernels/ops/condition.h"

namespace consilience::engine {

/// What is done to rows before they meet: minus the column means; divided by their norm; minus
/// their own mean and divided by the norm of what is left (their dot product is a correlation).
enum class RowForm { centred, unit, standardised };

/// Rows of one layer in double, made block by block from its features, which must outlive it.
class LayerRows {
 public:
  /// `without_pcs`: the projections on so many leading principal components are taken off (centred
  /// rows only).
  LayerRows(const kernels::Context& context, const kernels::Conditioned& features, RowForm form,
            int without_pcs = 0);

  [[nodiscard]] int64_t rows() const { return features_.x.rows(); }  // n
  [[nodiscard]] int64_t cols() const { return features_.x.cols(); }  // d
  /// Rows [begin, end) as [end - begin, d].
  [[nodiscard]] Matrix<double> block(int64_t begin, int64_t end) const;
  /// The rows of these indices, in this order.
  [[nodiscard]] Matrix<double> gather(std::span<const int32_t> indices) const;
  [[nodiscard]] const std::vector<double>& squared_norms() const { return squared_norms_; }  // [n]
  /// Mean of the squared distance over the n (n - 1) / 2 pairs; of centred rows only.
  [[nodiscard]] double mean_squared_distance() const;
  /// Not empty: why the layer cannot be used (all rows equal, a row without direction).
  [[nodiscard]] const std::string& reason() const { return reason_; }

 private:
  void shape(Matrix<double>& block) const;
  void fit_mean();
  void fit_components(const kernels::Context& context, int count);
  void measure_norms(const kernels::Context& context);

  kernels::Context one_thread_;
  kernels::Conditioned features_;
  RowForm form_;
  std::vector<double> mean_;   // [d] of centred rows
  Matrix<double> components_;  // [m, d] to be taken off
  std::vector<double> squared_norms_;
  std::string reason_;
};

}  // namespace consilience::engine
