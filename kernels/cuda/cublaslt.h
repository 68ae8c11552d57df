#pragma once
#include <cublasLt.h>

namespace consilience::kernels::cuda {

/// What this project calls of cuBLASLt. The library is half a gigabyte: it is loaded when the first
/// product is asked for, so that programs which never ask do not wait for it.
struct CublasLt {
  decltype(&cublasLtCreate) create;
  decltype(&cublasLtDestroy) destroy;
  decltype(&cublasLtMatmul) matmul;
  decltype(&cublasLtMatmulAlgoGetHeuristic) find_algorithms;
  decltype(&cublasLtMatmulDescCreate) create_description;
  decltype(&cublasLtMatmulDescDestroy) destroy_description;
  decltype(&cublasLtMatmulDescSetAttribute) set_description;
  decltype(&cublasLtMatrixLayoutCreate) create_layout;
  decltype(&cublasLtMatrixLayoutDestroy) destroy_layout;
  decltype(&cublasLtMatmulPreferenceCreate) create_preference;
  decltype(&cublasLtMatmulPreferenceDestroy) destroy_preference;
  decltype(&cublasLtMatmulPreferenceSetAttribute) set_preference;
};

/// Throws Error(never) where the library or one of them can't be found.
[[nodiscard]] const CublasLt& cublaslt();

}  // namespace consilience::kernels::cuda
