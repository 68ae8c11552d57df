#pragma once
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "kernels/base/backend.h"
#include "tests/support/require_gpu.h"

namespace consilience::testing {

/// What this program holds against the reference: cpu and cuda, or only cuda in a program whose
/// CUDA is emulated.
std::vector<kernels::Backend> backends_under_test();

/// "cpu", "cuda" or "cuda_emulated".
std::string name_of_backend(const ::testing::TestParamInfo<kernels::Backend>& backend);

/// A test of each backend; of cuda only where there is a device.
class EachBackend : public ::testing::TestWithParam<kernels::Backend> {
 protected:
  void SetUp() override {
    if (GetParam() == kernels::Backend::cuda) CONSILIENCE_REQUIRE_GPU();
  }
};

}  // namespace consilience::testing
