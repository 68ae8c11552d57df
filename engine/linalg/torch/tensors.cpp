#include "engine/linalg/torch/tensors.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/ops/from_blob.h>
#include <dlfcn.h>

#include <thread>

#include "kernels/base/error.h"

namespace consilience::engine::linalg {
namespace {

void load_cuda() {
  static void* const library = dlopen("libtorch_cuda.so", RTLD_NOW | RTLD_GLOBAL);
  expect(library != nullptr && at::globalContext().hasCUDA(),
         "linear algebra on a CUDA device: there is none, or the CUDA half of LibTorch cannot be "
         "loaded");
  at::globalContext().setAllowTF32CuBLAS(false);
}

template <typename T>
at::Tensor from(MatrixView<const T> matrix, bool cuda) {
  // from_blob takes a mutable pointer; no op here writes to its arguments.
  const at::Tensor tensor =
      at::from_blob(const_cast<T*>(matrix.data()), {matrix.rows(), matrix.cols()},
                    {matrix.stride(), 1}, at::TensorOptions().dtype(c10::CppTypeToScalarType<T>()));
  return cuda ? tensor.to(at::kCUDA) : tensor;
}

}  // namespace

Call::Call(const kernels::Context& context)
    : threads_before_(at::get_num_threads()), cuda_(context.backend == kernels::Backend::cuda) {
  if (cuda_) load_cuda();
  const int threads =
      context.threads > 0 ? context.threads : static_cast<int>(std::thread::hardware_concurrency());
  if (threads != threads_before_) at::set_num_threads(threads);
}

Call::~Call() {
  if (at::get_num_threads() != threads_before_) at::set_num_threads(threads_before_);
}

at::Tensor Call::tensor(MatrixView<const double> matrix) const { return from(matrix, cuda_); }
at::Tensor Call::tensor(MatrixView<const float> matrix) const { return from(matrix, cuda_); }

Matrix<double> matrix_of(const at::Tensor& tensor) {
  const at::Tensor rows = tensor.cpu().contiguous();
  Matrix<double> matrix(rows.size(0), rows.size(1));
  const double* values = rows.const_data_ptr<double>();
  std::copy(values, values + rows.numel(), matrix.values().begin());
  return matrix;
}

}  // namespace consilience::engine::linalg
