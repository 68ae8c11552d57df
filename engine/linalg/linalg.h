#pragma once
#include <vector>

#include "kernels/base/backend.h"
#include "kernels/base/matrix.h"

/// Dense linear algebra of a library (LibTorch, in torch/), row-major. context.backend cuda runs on
/// the device, the others on the CPU; context.threads as everywhere. Deterministic for one machine
/// and thread count; the last bits depend on the library (numerics, section 4).
namespace consilience::engine::linalg {

using kernels::Context;

enum class Op { none, transpose };

/// op(a) op(b), accumulated in the type of the arguments. Throws Error(never) when shapes disagree.
[[nodiscard]] Matrix<double> product(const Context& context, MatrixView<const double> a, Op op_a,
                                     MatrixView<const double> b, Op op_b);
[[nodiscard]] Matrix<float> product(const Context& context, MatrixView<const float> a, Op op_a,
                                    MatrixView<const float> b, Op op_b);
/// The same into `out`, which may be a strided view.
void product_into(const Context& context, MatrixView<const double> a, Op op_a,
                  MatrixView<const double> b, Op op_b, MatrixView<double> out);
void product_into(const Context& context, MatrixView<const float> a, Op op_a,
                  MatrixView<const float> b, Op op_b, MatrixView<float> out);

/// a [n, d] = u [n, r] diag(s) vt [r, d] with r = min(n, d), s descending.
struct Svd {
  Matrix<double> u;
  std::vector<double> s;
  Matrix<double> vt;
};
[[nodiscard]] Svd svd(const Context& context, MatrixView<const double> a);
/// Singular values, descending.
[[nodiscard]] std::vector<double> singular_values(const Context& context,
                                                  MatrixView<const double> a);

/// The upper triangular factor r [min(n, d), d] of a = q r with orthonormal columns of q: it has
/// the singular values of a.
[[nodiscard]] Matrix<double> triangular_factor(const Context& context, MatrixView<const double> a);

/// Symmetric a [d, d] = vectors diag(values) vectors', values ascending, vectors in columns.
struct Eigen {
  std::vector<double> values;
  Matrix<double> vectors;
};
[[nodiscard]] Eigen eigen_symmetric(const Context& context, MatrixView<const double> a);
/// Values alone, ascending.
[[nodiscard]] std::vector<double> eigenvalues_symmetric(const Context& context,
                                                        MatrixView<const double> a);

/// x of a x = b, a [d, d] symmetric positive definite (Cholesky), b [d, m]. Throws Error(never)
/// when a is not positive definite.
[[nodiscard]] Matrix<double> solve_positive_definite(const Context& context,
                                                     MatrixView<const double> a,
                                                     MatrixView<const double> b);

}  // namespace consilience::engine::linalg
