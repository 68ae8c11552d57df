#include "kernels/cuda/cublaslt.h"

/// The twin of kernels/cuda/cublaslt.cpp: the emulated functions.
namespace consilience::kernels::cuda {

const CublasLt& cublaslt() {
  static const CublasLt functions = {
      cublasLtCreate,
      cublasLtDestroy,
      cublasLtMatmul,
      cublasLtMatmulAlgoGetHeuristic,
      cublasLtMatmulDescCreate,
      cublasLtMatmulDescDestroy,
      cublasLtMatmulDescSetAttribute,
      cublasLtMatrixLayoutCreate,
      cublasLtMatrixLayoutDestroy,
      cublasLtMatmulPreferenceCreate,
      cublasLtMatmulPreferenceDestroy,
      cublasLtMatmulPreferenceSetAttribute,
  };
  return functions;
}

}  // namespace consilience::kernels::cuda
