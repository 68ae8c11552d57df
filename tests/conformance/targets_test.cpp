#include <gtest/gtest.h>

#include "kernels/cpu/candidate_search.h"
#include "kernels/ops/overlap.h"
#include "tests/support/candidate_brackets.h"
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

/// The symmetric search in one arithmetic, which must decide every row.
Lists search_in(kernels::cpu::Arithmetic arithmetic, int64_t spare,
                const kernels::Conditioned& features, const kernels::NeighborParams& params) {
  using namespace kernels;
  using namespace kernels::cpu;
  const int64_t n = features.x.rows();
  Lists lists = {Matrix<int32_t>(n, params.k), Matrix<double>(n, params.k),
                 std::vector<double>(static_cast<size_t>(n)),
                 std::vector<int32_t>(static_cast<size_t>(n))};
  const kernels::Context context = {Backend::cpu, 2};
  const kernels::NeighborLists out = {lists.index.view(), lists.score.view(), lists.next_score,
                                      lists.ties};
  const NeighborSearch search(context, features, features, params, out);
  const ResidualFrame frame(features, search.kinds.rows(), params.similarity);
  std::vector<int32_t> kinds(static_cast<size_t>(search.kinds.size()));
  std::iota(kinds.begin(), kinds.end(), 0);
  PackedRows packed(context, arithmetic,
                    {search.gallery, features.scale, frame, search.kinds.rows()}, spare);
  packed.panels.set_errors(packed.panels.largest_norms());
  CandidateSearch candidates(search, frame, packed, {}, packed, kinds);
  candidates.scan_first();
  candidates.scan_rest();
  kernels::NeighborWork work;
  EXPECT_TRUE(candidates.rank(work).empty());
  EXPECT_LT(work.candidates, n * n / 4) << "candidates were not told apart";
  return lists;
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

TEST_P(Targets,
       EveryArithmeticConforms) {  // whatever the choice would be, and without words at hand
  const Features features = centred_l2_rows(normal_matrix(1300, 33, 3), 2.0F);
  const auto self = self_rows(1300);
  kernels::NeighborParams params;
  params.k = 12;
  params.self = self;
  const Lists expected =
      find_neighbors({Backend::reference, 1}, features.view(), features.view(), params);
  for (const auto arithmetic : arithmetics()) {
    for (const int64_t spare : {kernels::cpu::PackedRows::kSpare, -(int64_t{1} << 40)}) {
      SCOPED_TRACE(name_of(arithmetic));
      expect_same(search_in(arithmetic, spare, features.view(), params), expected);
    }
  }
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
