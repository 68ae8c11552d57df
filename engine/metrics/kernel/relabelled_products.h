#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/base/backend.h"
#include "kernels/base/matrix.h"

namespace consilience::engine {

/// Inner products of the symmetric matrices of two sides' layers when the rows of side a move:
/// everything is kept, so one relabelling costs a gather and one product.
class RelabelledProducts {
 public:
  /// `a` [A, n (n - 1) / 2], `b` [B, n (n - 1) / 2]: strictly lower triangles.
  RelabelledProducts(int64_t n, const Matrix<double>& a, Matrix<double> b);

  /// [A, B]: sums over i > j of a(r_i, r_j) b(i, j), where row r_i of a stands at place i.
  [[nodiscard]] Matrix<double> operator()(const kernels::Context& context,
                                          std::span<const int32_t> relabelling) const;

  /// Bytes that are kept.
  static double bytes(int64_t n, int64_t layers_a, int64_t layers_b);

 private:
  int64_t n_;
  std::vector<Matrix<double>> squares_;  // [A] of [n, n]: whole rows, so that gathers stay in one
  Matrix<double> triangles_;             // [B, n (n - 1) / 2]
};

}  // namespace consilience::engine
