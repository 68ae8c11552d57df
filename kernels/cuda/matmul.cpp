#include "kernels/cuda/matmul.h"

#include <algorithm>
#include <string_view>

#include "kernels/base/error.h"
#include "kernels/cuda/cublaslt.h"
#include "kernels/cuda/device_memory.h"

namespace consilience::kernels::cuda {
namespace {

constexpr int64_t kChunk = 2048;  // features of one product; the chunks are added in f32
constexpr int64_t kMostWorkspace = int64_t{8} << 20;

void check(cublasStatus_t status, std::string_view call) {
  if (status == CUBLAS_STATUS_SUCCESS) return;
  const bool memory = status == CUBLAS_STATUS_ALLOC_FAILED;
  fail(memory ? Failure::out_of_memory : Failure::never, "{} failed: cuBLAS status {}", call,
       static_cast<int>(status));
}

}  // namespace

const char* name_of(Arithmetic arithmetic) { return arithmetic == Arithmetic::f16 ? "f16" : "f32"; }

int64_t bytes_of(Arithmetic arithmetic) { return arithmetic == Arithmetic::f16 ? 2 : 4; }

double product_error(Arithmetic arithmetic, int64_t d) {
  // 64: what splits of a chunk and its scaling add to the longest chain.
  const auto h = static_cast<double>(std::min(d, kChunk) + 64 + 2 * ((d + kChunk - 1) / kChunk));
  const double unit = arithmetic == Arithmetic::f16 ? 0x1p-23 : 0x1p-24;
  return h * unit / (1 - h * unit);
}

struct RowProducts::Layouts {
  Layouts(cudaDataType_t type, int64_t rows, const Chosen& shape) {
    const auto features = static_cast<uint64_t>(shape.features);
    const auto m = static_cast<uint64_t>(shape.m);
    const auto n = static_cast<uint64_t>(shape.n);
    check(cublaslt().create_layout(&b, type, features, n, rows), "cublasLtMatrixLayoutCreate");
    check(cublaslt().create_layout(&a, type, features, m, rows), "cublasLtMatrixLayoutCreate");
    check(cublaslt().create_layout(&y, CUDA_R_32F, n, m, shape.stride),
          "cublasLtMatrixLayoutCreate");
  }
  ~Layouts() {
    for (const cublasLtMatrixLayout_t layout : {a, b, y}) {
      if (layout != nullptr) cublaslt().destroy_layout(layout);
    }
  }
  Layouts(const Layouts&) = delete;
  Layouts& operator=(const Layouts&) = delete;

  cublasLtMatrixLayout_t a = nullptr;
  cublasLtMatrixLayout_t b = nullptr;
  cublasLtMatrixLayout_t y = nullptr;
};

RowProducts::RowProducts(Arithmetic arithmetic, int64_t features)
    : arithmetic_(arithmetic),
      features_(features),
      workspace_size_(workspace_bytes()),
      workspace_(workspace_size_) {
  check(cublaslt().create(&handle_), "cublasLtCreate");
  // Pedantic: no TF32 and no emulation, whatever the environment says.
  const cublasComputeType_t compute =
      arithmetic == Arithmetic::f16 ? CUBLAS_COMPUTE_32F : CUBLAS_COMPUTE_32F_PEDANTIC;
  check(cublaslt().create_description(&operation_, compute, CUDA_R_32F),
        "cublasLtMatmulDescCreate");
  const cublasOperation_t transposed = CUBLAS_OP_T;  // rows are columns to cuBLAS
  check(cublaslt().set_description(operation_, CUBLASLT_MATMUL_DESC_TRANSA, &transposed,
                                   sizeof transposed),
        "cublasLtMatmulDescSetAttribute");
  check(cublaslt().create_preference(&preference_), "cublasLtMatmulPreferenceCreate");
  const auto bytes = static_cast<uint64_t>(workspace_size_);
  check(cublaslt().set_preference(preference_, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, &bytes,
                                  sizeof bytes),
        "cublasLtMatmulPreferenceSetAttribute");
}

int64_t RowProducts::workspace_bytes() { return std::min(kMostWorkspace, usable_bytes() / 16); }

RowProducts::~RowProducts() {
  if (preference_ != nullptr) cublaslt().destroy_preference(preference_);
  if (operation_ != nullptr) cublaslt().destroy_description(operation_);
  if (handle_ != nullptr) cublaslt().destroy(handle_);
}

const cublasLtMatmulAlgo_t& RowProducts::choose(const Layouts& layouts, const Chosen& wanted) {
  for (const Chosen& known : chosen_) {
    if (known.m == wanted.m && known.n == wanted.n && known.stride == wanted.stride &&
        known.features == wanted.features) {
      return known.algorithm;
    }
  }
  cublasLtMatmulHeuristicResult_t found = {};
  int count = 0;
  check(cublaslt().find_algorithms(handle_, operation_, layouts.b, layouts.a, layouts.y, layouts.y,
                                   preference_, 1, &found, &count),
        "cublasLtMatmulAlgoGetHeuristic");
  expect(count > 0, "cuBLASLt knows no way to multiply {} x {} rows of {} features", wanted.m,
         wanted.n, wanted.features);
  Chosen& kept = chosen_[next_];
  next_ = (next_ + 1) % static_cast<int>(std::size(chosen_));
  kept = wanted;
  kept.algorithm = found.algo;
  return kept.algorithm;
}

void RowProducts::multiply(const void* a, int64_t m, const void* b, int64_t n, float* y,
                           int64_t stride, const Stream& stream) {
  const cudaDataType_t type = arithmetic_ == Arithmetic::f16 ? CUDA_R_16F : CUDA_R_32F;
  for (int64_t first = 0; first < features_; first += kChunk) {
    const Chosen shape{m, n, stride, std::min(kChunk, features_ - first)};
    const Layouts layouts(type, features_, shape);
    const auto at = [&](const void* rows) {
      return static_cast<const std::byte*>(rows) + first * bytes_of(arithmetic_);
    };
    const float one = 1;
    const float before = first == 0 ? 0.0F : 1.0F;
    check(cublaslt().matmul(handle_, operation_, &one, at(b), layouts.b, at(a), layouts.a, &before,
                            y, layouts.y, y, layouts.y, &choose(layouts, shape), workspace_.data(),
                            static_cast<size_t>(workspace_size_), stream.get()),
          "cublasLtMatmul");
  }
}

}  // namespace consilience::kernels::cuda
