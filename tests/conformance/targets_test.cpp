#include <gtest/gtest.h>
#include <hwy/targets.h>

#include "kernels/cpu/candidate_tile.h"
#include "kernels/ops/overlap.h"
#include "tests/support/neighbor_lists.h"
#include "tests/support/random_matrix.h"

/// Every instruction set that this machine can run, not only the best one.
namespace consilience::testing {
namespace {

using kernels::Backend;
using kernels::ListView;

class Targets : public ::testing::TestWithParam<int64_t> {
 protected:
  void SetUp() override {
    hwy::SetSupportedTargetsForTest(GetParam());
    const int64_t target = GetParam();
    const int floats = target <= HWY_AVX3 ? 16 : (target == HWY_AVX2 ? 8 : 4);
    ASSERT_EQ(kernels::cpu::tile_columns(), 3 * floats) << "the target was not taken";
  }
  void TearDown() override { hwy::SetSupportedTargetsForTest(0); }
};

TEST_P(Targets, NeighborsConform) {
  const Features features = centred_l2_rows(normal_matrix(333, 531, 1), 2.0F);
  const auto self = self_rows(333);
  kernels::NeighborParams params;
  params.self = self;
  expect_same(find_neighbors({Backend::cpu, 2}, features.view(), features.view(), params),
              find_neighbors({Backend::reference, 1}, features.view(), features.view(), params));
}

TEST_P(Targets, OverlapConforms) {
  std::vector<Matrix<int32_t>> lists;
  std::vector<ListView> views;
  for (uint64_t layer = 0; layer < 7; ++layer) lists.push_back(random_lists(150, 10, layer));
  for (const auto& list : lists) views.push_back(list.view());
  Matrix<int64_t> expected(7, 5);
  Matrix<int64_t> found(7, 5);
  const auto bs = std::span(views).first(5);
  kernels::overlap_counts({Backend::reference, 1}, views, bs, 10, {}, expected.view());
  kernels::overlap_counts({Backend::cpu, 2}, views, bs, 10, {}, found.view());
  EXPECT_EQ(found.values(), expected.values());
}

std::vector<int64_t> runnable() {
  std::vector<int64_t> targets;
  for (const int64_t target : {HWY_AVX3_DL, HWY_AVX3, HWY_AVX2, HWY_SSE4, HWY_NEON}) {
    if ((hwy::SupportedTargets() & target) != 0) targets.push_back(target);
  }
  return targets;
}

INSTANTIATE_TEST_SUITE_P(Machine, Targets, ::testing::ValuesIn(runnable()),
                         [](const auto& target) { return hwy::TargetName(target.param); });

}  // namespace
}  // namespace consilience::testing
