#include <ATen/ops/mm.h>

#include "engine/linalg/linalg.h"
#include "engine/linalg/torch/tensors.h"
#include "kernels/base/error.h"

namespace consilience::engine::linalg {
namespace {

template <typename T>
void multiply(const Context& context, MatrixView<const T> a, Op op_a, MatrixView<const T> b,
              Op op_b, MatrixView<T> out) {
  const auto shape = [](MatrixView<const T> m, Op op) {
    return op == Op::none ? std::pair(m.rows(), m.cols()) : std::pair(m.cols(), m.rows());
  };
  const auto [rows, inner_a] = shape(a, op_a);
  const auto [inner_b, cols] = shape(b, op_b);
  expect(inner_a == inner_b && out.rows() == rows && out.cols() == cols,
         "product: [{}, {}] times [{}, {}] into [{}, {}]", rows, inner_a, inner_b, cols, out.rows(),
         out.cols());
  if (out.empty()) return;
  const Call call(context);
  const at::Tensor left = op_a == Op::none ? call.tensor(a) : call.tensor(a).t();
  const at::Tensor right = op_b == Op::none ? call.tensor(b) : call.tensor(b).t();
  if (left.is_cuda()) {
    const at::Tensor result = at::mm(left, right).cpu().contiguous();
    const T* values = result.const_data_ptr<T>();
    for (int64_t i = 0; i < rows; ++i)
      std::copy(values + i * cols, values + (i + 1) * cols, out.row(i).begin());
    return;
  }
  at::Tensor result = call.tensor(MatrixView<const T>(out));
  at::mm_out(result, left, right);
}

template <typename T>
Matrix<T> multiplied(const Context& context, MatrixView<const T> a, Op op_a, MatrixView<const T> b,
                     Op op_b) {
  Matrix<T> out(op_a == Op::none ? a.rows() : a.cols(), op_b == Op::none ? b.cols() : b.rows());
  multiply(context, a, op_a, b, op_b, out.view());
  return out;
}

}  // namespace

Matrix<double> product(const Context& context, MatrixView<const double> a, Op op_a,
                       MatrixView<const double> b, Op op_b) {
  return multiplied(context, a, op_a, b, op_b);
}

Matrix<float> product(const Context& context, MatrixView<const float> a, Op op_a,
                      MatrixView<const float> b, Op op_b) {
  return multiplied(context, a, op_a, b, op_b);
}

void product_into(const Context& context, MatrixView<const double> a, Op op_a,
                  MatrixView<const double> b, Op op_b, MatrixView<double> out) {
  multiply(context, a, op_a, b, op_b, out);
}

void product_into(const Context& context, MatrixView<const float> a, Op op_a,
                  MatrixView<const float> b, Op op_b, MatrixView<float> out) {
  multiply(context, a, op_a, b, op_b, out);
}

}  // namespace consilience::engine::linalg
