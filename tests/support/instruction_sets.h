#pragma once
#include <gtest/gtest.h>
#include <hwy/targets.h>

#include <string>
#include <vector>

#include "kernels/cpu/candidate_tile.h"

/// Tests under every instruction set that this machine can run, not only the best one.
namespace consilience::testing {

inline std::vector<int64_t> instruction_sets() {
  std::vector<int64_t> targets;
  for (const int64_t target : {HWY_AVX3_DL, HWY_AVX3, HWY_AVX2, HWY_SSE4, HWY_NEON}) {
    if ((hwy::SupportedTargets() & target) != 0) targets.push_back(target);
  }
  return targets;
}

/// A test's parameter is the instruction set to use.
class OnInstructionSet : public ::testing::TestWithParam<int64_t> {
 protected:
  void SetUp() override {
    hwy::SetSupportedTargetsForTest(GetParam());
    const int64_t target = GetParam();
    const int floats = target <= HWY_AVX3 ? 16 : (target == HWY_AVX2 ? 8 : 4);
    ASSERT_EQ(kernels::cpu::tile_columns(), 3 * floats) << "the target was not taken";
    ASSERT_EQ(kernels::cpu::multiplies_integers(), target == HWY_AVX3_DL);
  }
  void TearDown() override { hwy::SetSupportedTargetsForTest(0); }
};

inline std::string name_of_set(const ::testing::TestParamInfo<int64_t>& target) {
  return hwy::TargetName(target.param);
}

}  // namespace consilience::testing
