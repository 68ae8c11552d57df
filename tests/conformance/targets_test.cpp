#include <gtest/gtest.h>

#include "kernels/ops/overlap.h"
#include "tests/support/hard_matrices.h"
#include "tests/support/instruction_sets.h"
#include "tests/support/neighbor_lists.h"

namespace consilience::testing {
namespace {

using kernels::Backend;
using kernels::ListView;
using kernels::Similarity;

class Targets : public OnInstructionSet {};

void expect_same_as_reference(const kernels::Conditioned& features,
                              const kernels::NeighborParams& params, int threads) {
  expect_same(find_neighbors({Backend::cpu, threads}, features, features, params),
              find_neighbors({Backend::reference, 1}, features, features, params));
}

TEST_P(Targets, NeighborsConform) {
  const Features features = centred_l2_rows(normal_matrix(333, 531, 1), 2.0F);
  const auto self = self_rows(333);
  kernels::NeighborParams params;
  params.self = self;
  expect_same_as_reference(features.view(), params, 2);
}

TEST_P(Targets, NeighborsOfHardRowsConform) {
  const auto self = self_rows(400);
  for (const HardCase& hard : hard_cases()) {
    const Features features = {.x = hard.make(400, 37), .mean = {}, .scale = {}};
    kernels::NeighborParams params;
    params.self = self;
    for (const auto similarity : {Similarity::dot, Similarity::euclidean}) {
      SCOPED_TRACE(hard.name);
      params.similarity = similarity;
      expect_same_as_reference(features.view(), params, 1);
    }
  }
}

TEST_P(Targets, ManyBlocksConform) {  // rows enough for int8 and for pairs of blocks
  const Features features = l2_rows(normal_matrix(2500, 24, 2));
  const auto self = self_rows(2500);
  kernels::NeighborParams params;
  params.self = self;
  expect_same_as_reference(features.view(), params, 3);
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

INSTANTIATE_TEST_SUITE_P(Machine, Targets, ::testing::ValuesIn(instruction_sets()), name_of_set);

}  // namespace
}  // namespace consilience::testing
