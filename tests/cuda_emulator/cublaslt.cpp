#include <cublasLt.h>
#include <cuda_fp16.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <vector>

#include "tests/cuda_emulator/fault.h"
#include "tests/cuda_emulator/machine.h"
#include "tests/cuda_emulator/memory.h"
#include "tests/cuda_emulator/random.h"

/// Products of f16 or f32 matrices with f32 results, op(A) = A', op(B) = B. Each sum is off by up
/// to the bound that the project takes cuBLAS at, g |a| |b|: often by all of it.
namespace {

using namespace consilience::cuda_emulator;

struct Layout {
  cudaDataType type;
  uint64_t rows;
  uint64_t columns;
  int64_t leading;
};
struct Description {
  cublasOperation_t a = CUBLAS_OP_N;
  cublasOperation_t b = CUBLAS_OP_N;
};

// The library's types are room for this.
Layout& layout_of(cublasLtMatrixLayout_t handle) { return *reinterpret_cast<Layout*>(handle); }
Description& description_of(cublasLtMatmulDesc_t handle) {
  return *reinterpret_cast<Description*>(handle);
}

double value_of(const void* matrix, const Layout& layout, uint64_t row, uint64_t column) {
  const auto at = static_cast<int64_t>(column) * layout.leading + static_cast<int64_t>(row);
  if (layout.type == CUDA_R_32F) return static_cast<double>(static_cast<const float*>(matrix)[at]);
  return static_cast<double>(__half2float(static_cast<const __half*>(matrix)[at]));
}

std::vector<double> values_of(const void* matrix, const Layout& layout) {
  std::vector<double> values;
  values.reserve(layout.rows * layout.columns);
  for (uint64_t column = 0; column < layout.columns; ++column)
    for (uint64_t row = 0; row < layout.rows; ++row)
      values.push_back(value_of(matrix, layout, row, column));
  return values;
}

size_t size_of(const Layout& layout) {
  if (layout.rows == 0 || layout.columns == 0) return 0;
  const size_t element = layout.type == CUDA_R_16F ? 2 : 4;
  return (static_cast<size_t>(layout.leading) * (layout.columns - 1) + layout.rows) * element;
}

/// g for sums of `length` products.
double relative_error(cudaDataType type, uint64_t length) {
  return static_cast<double>(length + 64) * (type == CUDA_R_16F ? 0x1p-23 : 0x1p-24);
}

/// -1 .. 1, at either end in three of four cases.
double error_share(Random& random) {
  const uint64_t drawn = random.next();
  const double sign = (drawn & 1) != 0 ? 1.0 : -1.0;
  if ((drawn & 6) != 0) return sign;
  return sign * static_cast<double>(drawn >> 11) * 0x1p-53;
}

struct Product {
  Layout a, b, d;
  const void* a_data;
  const void* b_data;
  float* data;
  float alpha, beta;
  uint64_t seed;

  void run() const {
    const uint64_t length = a.rows;
    const std::vector<double> as = values_of(a_data, a);
    const std::vector<double> bs = values_of(b_data, b);
    const auto norms = [&](const std::vector<double>& values) {
      std::vector<double> result;
      for (size_t at = 0; length > 0 && at < values.size(); at += length) {
        double squares = 0;
        for (size_t f = 0; f < length; ++f) squares += values[at + f] * values[at + f];
        result.push_back(std::sqrt(squares));
      }
      return result;
    };
    const std::vector<double> a_norms = norms(as);
    const std::vector<double> b_norms = norms(bs);
    const double g = relative_error(a.type, length);
    Random random(seed);
    for (uint64_t column = 0; column < d.columns; ++column) {
      for (uint64_t row = 0; row < d.rows; ++row) {
        const double* x = as.data() + row * length;
        const double* y = bs.data() + column * length;
        double sum = 0;
        for (uint64_t f = 0; f < length; ++f) sum += x[f] * y[f];
        // The bound covers the rounding to f32: the error stays within it after that.
        const double bound = length == 0 ? 0 : g * a_norms[row] * b_norms[column];
        const double room = bound - std::fabs(sum) * 0x1p-24;
        if (room > 0) sum += error_share(random) * room * (1 - 0x1p-20);
        float& to = data[static_cast<int64_t>(column) * d.leading + static_cast<int64_t>(row)];
        const auto product = static_cast<float>(static_cast<double>(alpha) * sum);
        to = beta == 0 ? product : product + beta * to;
      }
    }
  }
};

}  // namespace

cublasStatus_t cublasLtCreate(cublasLtHandle_t* handle) {
  *handle = reinterpret_cast<cublasLtHandle_t>(new char);
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtDestroy(cublasLtHandle_t handle) {
  delete reinterpret_cast<char*>(handle);
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmulDescCreate(cublasLtMatmulDesc_t* description,
                                        cublasComputeType_t compute, cudaDataType_t scale) {
  if ((compute != CUBLAS_COMPUTE_32F && compute != CUBLAS_COMPUTE_32F_PEDANTIC) ||
      scale != CUDA_R_32F) {
    return CUBLAS_STATUS_NOT_SUPPORTED;
  }
  *description = reinterpret_cast<cublasLtMatmulDesc_t>(new Description);
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmulDescDestroy(cublasLtMatmulDesc_t description) {
  delete &description_of(description);
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmulDescSetAttribute(cublasLtMatmulDesc_t description,
                                              cublasLtMatmulDescAttributes_t attribute,
                                              const void* value, size_t size) {
  if (size != sizeof(cublasOperation_t)) return CUBLAS_STATUS_INVALID_VALUE;
  Description& changed = description_of(description);
  if (attribute == CUBLASLT_MATMUL_DESC_TRANSA) {
    std::memcpy(&changed.a, value, size);
  } else if (attribute == CUBLASLT_MATMUL_DESC_TRANSB) {
    std::memcpy(&changed.b, value, size);
  } else {
    return CUBLAS_STATUS_NOT_SUPPORTED;
  }
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatrixLayoutCreate(cublasLtMatrixLayout_t* layout, cudaDataType type,
                                          uint64_t rows, uint64_t columns, int64_t leading) {
  if (leading < static_cast<int64_t>(rows)) return CUBLAS_STATUS_INVALID_VALUE;
  *layout = reinterpret_cast<cublasLtMatrixLayout_t>(new Layout{type, rows, columns, leading});
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatrixLayoutDestroy(cublasLtMatrixLayout_t layout) {
  delete &layout_of(layout);
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmulPreferenceCreate(cublasLtMatmulPreference_t* preference) {
  *preference = reinterpret_cast<cublasLtMatmulPreference_t>(new uint64_t(0));
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmulPreferenceDestroy(cublasLtMatmulPreference_t preference) {
  delete reinterpret_cast<uint64_t*>(preference);
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmulPreferenceSetAttribute(cublasLtMatmulPreference_t preference,
                                                    cublasLtMatmulPreferenceAttributes_t attribute,
                                                    const void* value, size_t size) {
  if (attribute != CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES || size != sizeof(uint64_t)) {
    return CUBLAS_STATUS_NOT_SUPPORTED;
  }
  std::memcpy(reinterpret_cast<uint64_t*>(preference), value, size);
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmulAlgoGetHeuristic(cublasLtHandle_t, cublasLtMatmulDesc_t,
                                              cublasLtMatrixLayout_t, cublasLtMatrixLayout_t,
                                              cublasLtMatrixLayout_t, cublasLtMatrixLayout_t,
                                              cublasLtMatmulPreference_t, int wanted,
                                              cublasLtMatmulHeuristicResult_t results[],
                                              int* found) {
  if (wanted < 1) return CUBLAS_STATUS_INVALID_VALUE;
  results[0] = {};
  results[0].state = CUBLAS_STATUS_SUCCESS;
  *found = 1;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmul(cublasLtHandle_t, cublasLtMatmulDesc_t description, const void* alpha,
                              const void* a, cublasLtMatrixLayout_t a_layout, const void* b,
                              cublasLtMatrixLayout_t b_layout, const void* beta, const void* c,
                              cublasLtMatrixLayout_t, void* d, cublasLtMatrixLayout_t d_layout,
                              const cublasLtMatmulAlgo_t*, void* workspace, size_t workspace_size,
                              cudaStream_t stream) {
  const Description& how = description_of(description);
  const Layout& left = layout_of(a_layout);
  const Layout& right = layout_of(b_layout);
  const Layout& out = layout_of(d_layout);
  const bool types = left.type == right.type && out.type == CUDA_R_32F &&
                     (left.type == CUDA_R_16F || left.type == CUDA_R_32F);
  if (how.a != CUBLAS_OP_T || how.b != CUBLAS_OP_N || !types || c != d) {
    throw Fault("cublasLtMatmul: the emulator knows A' B of f16 or f32 into f32, in place");
  }
  if (left.rows != right.rows || out.rows != left.columns || out.columns != right.columns) {
    return CUBLAS_STATUS_INVALID_VALUE;
  }
  const int device = Machine::get().device_of(stream);
  if (device != current_device()) return CUBLAS_STATUS_EXECUTION_FAILED;
  const Memory& memory = Memory::get();
  memory.expect_on_device(a, size_of(left), device, "cublasLtMatmul: A");
  memory.expect_on_device(b, size_of(right), device, "cublasLtMatmul: B");
  memory.expect_on_device(d, size_of(out), device, "cublasLtMatmul: D");
  memory.expect_on_device(workspace, workspace_size, device, "cublasLtMatmul: the workspace");
  Product product = {.a = left,
                     .b = right,
                     .d = out,
                     .a_data = a,
                     .b_data = b,
                     .data = static_cast<float*>(d),
                     .alpha = 0,
                     .beta = 0,
                     .seed = Machine::get().draw()};
  std::memcpy(&product.alpha, alpha, sizeof product.alpha);
  std::memcpy(&product.beta, beta, sizeof product.beta);
  Machine::get().count(&Counters::products);
  return Machine::get().push(stream,
                             [product, workspace, workspace_size] {
                               // Two products at once must not share a workspace: what is in it is
                               // anything afterwards.
                               if (workspace != nullptr)
                                 std::memset(workspace, 0xA5, std::min<size_t>(workspace_size, 64));
                               product.run();
                             }) == cudaSuccess
             ? CUBLAS_STATUS_SUCCESS
             : CUBLAS_STATUS_EXECUTION_FAILED;
}
