#pragma once
#include <cublasLt.h>

#include <cstdint>

#include "kernels/cuda/owned.h"

namespace consilience::kernels::cuda {

/// What candidates are multiplied in: tensor cores on f16 with f32 sums, or f32 without TF32.
enum class Arithmetic { f16, f32 };

[[nodiscard]] const char* name_of(Arithmetic arithmetic);
[[nodiscard]] int64_t bytes_of(Arithmetic arithmetic);  // of a feature
/// d features with zeros up to whole vectors of 16 bytes.
[[nodiscard]] constexpr int64_t padded_features(int64_t d) { return (d + 7) / 8 * 8; }

/// g of docs/numerics.md: |computed - exact| <= g |a| |b| of one product of d features, in whatever
/// order the library sums and splits. Tensor cores truncate.
[[nodiscard]] double product_error(Arithmetic arithmetic, int64_t d);

/// Products of rows by cuBLASLt, on the current device.
class RowProducts {
 public:
  /// `features`: padded.
  RowProducts(Arithmetic arithmetic, int64_t features);
  ~RowProducts();
  RowProducts(const RowProducts&) = delete;
  RowProducts& operator=(const RowProducts&) = delete;

  /// Device bytes of its workspace.
  [[nodiscard]] static int64_t workspace_bytes();

  /// y(i, j) = a_i . b_j with a [m, features], b [n, features], y [m, n] rows `stride` apart.
  void multiply(const void* a, int64_t m, const void* b, int64_t n, float* y, int64_t stride,
                const Stream& stream);

 private:
  struct Layouts;
  struct Chosen {
    int64_t m = 0;
    int64_t n = 0;
    int64_t stride = 0;
    int64_t features = 0;
    cublasLtMatmulAlgo_t algorithm = {};
  };
  /// Of the product of m x n rows of `features` features; kept for the next one.
  const cublasLtMatmulAlgo_t& choose(const Layouts& layouts, const Chosen& wanted);

  Arithmetic arithmetic_;
  int64_t features_;
  cublasLtHandle_t handle_ = nullptr;
  cublasLtMatmulDesc_t operation_ = nullptr;
  cublasLtMatmulPreference_t preference_ = nullptr;
  int64_t workspace_size_;
  DeviceBuffer<std::byte> workspace_;
  Chosen chosen_[4];  // inner and last tiles, whole and last chunks of features
  int next_ = 0;
};

}  // namespace consilience::kernels::cuda
