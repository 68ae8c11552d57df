#if defined(CONSILIENCE_HAS_CUDA)
#include "kernels/cuda/cublaslt.h"

#include <gtest/gtest.h>

namespace consilience::kernels::cuda {
namespace {

TEST(CublasLt, EveryFunctionIsFoundWithoutADevice) {
  EXPECT_NE(cublaslt().matmul, nullptr);  // the others, too, or an Error
}

}  // namespace
}  // namespace consilience::kernels::cuda
#endif
