#include <ATen/ops/cholesky_solve.h>
#include <ATen/ops/linalg_cholesky_ex.h>
#include <ATen/ops/linalg_eigh.h>
#include <ATen/ops/linalg_eigvalsh.h>
#include <ATen/ops/linalg_qr.h>
#include <ATen/ops/linalg_svd.h>
#include <ATen/ops/linalg_svdvals.h>

#include "engine/linalg/linalg.h"
#include "engine/linalg/torch/tensors.h"
#include "kernels/base/error.h"

namespace consilience::engine::linalg {
namespace {

std::vector<double> values_of(const at::Tensor& tensor) {
  const at::Tensor flat = tensor.cpu().contiguous();
  const double* values = flat.const_data_ptr<double>();
  return {values, values + flat.numel()};
}

}  // namespace

Svd svd(const Context& context, MatrixView<const double> a) {
  const Call call(context);
  const auto [u, s, vt] = at::linalg_svd(call.tensor(a), /*full_matrices=*/false);
  return {matrix_of(u), values_of(s), matrix_of(vt)};
}

std::vector<double> singular_values(const Context& context, MatrixView<const double> a) {
  const Call call(context);
  return values_of(at::linalg_svdvals(call.tensor(a)));
}

Matrix<double> triangular_factor(const Context& context, MatrixView<const double> a) {
  const Call call(context);
  const auto [q, r] = at::linalg_qr(call.tensor(a), "r");
  return matrix_of(r);
}

Eigen eigen_symmetric(const Context& context, MatrixView<const double> a) {
  const Call call(context);
  const auto [values, vectors] = at::linalg_eigh(call.tensor(a));
  return {values_of(values), matrix_of(vectors)};
}

std::vector<double> eigenvalues_symmetric(const Context& context, MatrixView<const double> a) {
  const Call call(context);
  return values_of(at::linalg_eigvalsh(call.tensor(a)));
}

Matrix<double> solve_positive_definite(const Context& context, MatrixView<const double> a,
                                       MatrixView<const double> b) {
  const Call call(context);
  const auto [factor, info] = at::linalg_cholesky_ex(call.tensor(a));
  expect(info.cpu().item<int>() == 0, "a matrix of {} rows is not positive definite", a.rows());
  return matrix_of(at::cholesky_solve(call.tensor(b), factor));
}

}  // namespace consilience::engine::linalg
