#include <gtest/gtest.h>
#include <hwy/targets.h>

#include "kernels/base/error.h"
#include "kernels/ops/overlap.h"
#include "tests/support/random_matrix.h"

/// The cpu backend against the reference.
namespace consilience::testing {
namespace {

using kernels::Backend;
using kernels::Context;
using kernels::ListView;

struct Grid {
  int64_t n;
  int k;
  int layers_a, layers_b;
};

struct Layers {
  Layers(int count, int64_t n, int width, uint64_t seed) {
    for (int layer = 0; layer < count; ++layer) {
      lists.push_back(random_lists(n, width, seed + static_cast<uint64_t>(layer)));
    }
    for (const auto& list : lists) views.push_back(list.view());
  }
  std::vector<Matrix<int32_t>> lists;
  std::vector<ListView> views;
};

Matrix<int64_t> counts(const Context& context, const Layers& a, const Layers& b, int k,
                       std::span<const int32_t> permutation) {
  Matrix<int64_t> result(std::ssize(a.views), std::ssize(b.views), -1);
  kernels::overlap_counts(context, a.views, b.views, k, permutation, result.view());
  return result;
}

class OverlapGrids : public ::testing::TestWithParam<Grid> {};

TEST_P(OverlapGrids, CountsOfTheReference) {
  const auto [n, k, layers_a, layers_b] = GetParam();
  const int width = std::min(static_cast<int>(n), k + 3);  // only the first k columns count
  const Layers a(layers_a, n, width, 1);
  const Layers b(layers_b, n, width, 1000);
  const auto permutation = kernels::permutation(7, 0, kernels::Purpose::permutation, 1, n);
  for (const auto& p : {std::span<const int32_t>(), std::span<const int32_t>(permutation)}) {
    const Matrix<int64_t> expected = counts({Backend::reference, 1}, a, b, k, p);
    for (const int threads : {1, 2, 3}) {
      EXPECT_EQ(counts({Backend::cpu, threads}, a, b, k, p).values(), expected.values())
          << threads << " threads, permuted: " << !p.empty();
    }
  }
}

TEST_P(OverlapGrids, CountsPerRow) {
  const auto [n, k, layers_a, layers_b] = GetParam();
  const Layers a(1, n, k, 1);
  const Layers b(1, n, k, 1000);
  std::vector<int32_t> expected(static_cast<size_t>(n), -1);
  std::vector<int32_t> found(static_cast<size_t>(n), -1);
  kernels::overlap_per_row({Backend::reference, 1}, a.views[0], b.views[0], k, expected);
  kernels::overlap_per_row({Backend::cpu, 2}, a.views[0], b.views[0], k, found);
  EXPECT_EQ(found, expected);
}

INSTANTIATE_TEST_SUITE_P(
    Sizes, OverlapGrids,
    ::testing::Values(Grid{1, 1, 1, 1}, Grid{31, 5, 2, 3}, Grid{32, 32, 4, 4}, Grid{33, 10, 5, 9},
                      Grid{64, 10, 3, 5}, Grid{127, 10, 8, 1}, Grid{1000, 10, 5, 6},
                      Grid{1025, 40, 1, 7}, Grid{2048, 3, 2, 2}, Grid{2049, 10, 6, 3},
                      Grid{2100, 300, 4, 2}, Grid{5000, 1, 3, 3}, Grid{4096, 10, 3, 2},
                      Grid{4097, 10, 3, 2}, Grid{41, 3, 600, 3}, Grid{41, 3, 3, 600}),
    [](const auto& grid) {
      return "n" + std::to_string(grid.param.n) + "_k" + std::to_string(grid.param.k) + "_" +
             std::to_string(grid.param.layers_a) + "x" + std::to_string(grid.param.layers_b);
    });

/// On every instruction set that this machine can run.
TEST(OverlapTargets, CountsOfTheReference) {
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

TEST(PackedLists, KeepTheFirstColumnsRowByRow) {
  const Layers some(3, 20, 7, 5);
  const kernels::PackedLists packed(some.views, 4, "the first side");
  EXPECT_EQ(packed.rows(), 20);
  EXPECT_EQ(packed.layers(), 3);
  for (int64_t layer = 0; layer < 3; ++layer)
    for (int64_t i = 0; i < 20; ++i)
      for (size_t c = 0; c < 4; ++c)
        EXPECT_EQ(packed.list(layer, i)[c], some.lists[static_cast<size_t>(layer)].row(i)[c]);
}

TEST(PackedLists, OfSidesThatDoNotFitAreRefused) {
  const Layers a(2, 20, 7, 5);
  const Layers b(2, 21, 7, 5);
  Matrix<int64_t> found(2, 2);
  const kernels::PackedLists four(a.views, 4, "the first side");
  const kernels::PackedLists five(a.views, 5, "the second side");
  const kernels::PackedLists longer(b.views, 4, "the second side");
  EXPECT_THROW(kernels::overlap_counts({}, four, five, {}, found.view()), Error);
  EXPECT_THROW(kernels::overlap_counts({}, four, longer, {}, found.view()), Error);
  EXPECT_NO_THROW(kernels::overlap_counts({}, four, four, {}, found.view()));
}

}  // namespace
}  // namespace consilience::testing
