#include <gtest/gtest.h>
#include <hwy/targets.h>

#include "tests/support/overlap_layers.h"

/// The cpu backend on every instruction set that this machine can run.
namespace consilience::testing {
namespace {

using kernels::Backend;

TEST(OverlapTargets, CountsOfTheReference) {
  struct Grid {
    int64_t n;
    int k;
    int layers_a, layers_b;
  };
  for (const auto& [n, k, layers_a, layers_b] :
       {Grid{150, 10, 67, 5}, Grid{97, 90, 3, 9}, Grid{4500, 13, 8, 2}}) {
    const Layers a(layers_a, n, k, 1);
    const Layers b(layers_b, n, k, 1000);
    const auto permutation = kernels::permutation(3, 0, kernels::Purpose::permutation, 1, n);
    const Matrix<int64_t> expected = counts({Backend::reference, 1}, a, b, k, permutation);
    for (const int64_t target : hwy::SupportedAndGeneratedTargets()) {
      hwy::SetSupportedTargetsForTest(target);
      EXPECT_EQ(counts({Backend::cpu, 2}, a, b, k, permutation).values(), expected.values())
          << hwy::TargetName(target) << ", n = " << n;
    }
    hwy::SetSupportedTargetsForTest(0);
  }
}

}  // namespace
}  // namespace consilience::testing
