#pragma once
#include <ATen/core/Tensor.h>

#include "kernels/base/backend.h"
#include "kernels/base/matrix.h"

/// Between matrices and tensors.
namespace consilience::engine::linalg {

/// Threads and device of one call; the thread count is put back afterwards.
class Call {
 public:
  explicit Call(const kernels::Context& context);
  ~Call();
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  /// The matrix on the device of the call; on the CPU it is not copied.
  [[nodiscard]] at::Tensor tensor(MatrixView<const double> matrix) const;
  [[nodiscard]] at::Tensor tensor(MatrixView<const float> matrix) const;

 private:
  int threads_before_;
  bool cuda_;
};

[[nodiscard]] Matrix<double> matrix_of(const at::Tensor& tensor);

}  // namespace consilience::engine::linalg
