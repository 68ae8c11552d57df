#include <gtest/gtest.h>

#include "kernels/base/error.h"
#include "tests/support/backends.h"
#include "tests/support/overlap_layers.h"

/// Every backend against the reference: whole numbers.
namespace consilience::testing {
namespace {

using kernels::Backend;
using kernels::ListView;

struct Grid {
  int64_t n;
  int k;
  int layers_a, layers_b;
};

class OverlapGrids : public ::testing::TestWithParam<std::tuple<Backend, Grid>> {
 protected:
  void SetUp() override {
    if (backend() == Backend::cuda) CONSILIENCE_REQUIRE_GPU();
  }
  static Backend backend() { return std::get<0>(GetParam()); }
  static Grid grid() { return std::get<1>(GetParam()); }
};

TEST_P(OverlapGrids, CountsOfTheReference) {
  const auto [n, k, layers_a, layers_b] = grid();
  const int width = std::min(static_cast<int>(n), k + 3);  // only the first k columns count
  const Layers a(layers_a, n, width, 1);
  const Layers b(layers_b, n, width, 1000);
  const auto permutation = kernels::permutation(7, 0, kernels::Purpose::permutation, 1, n);
  for (const auto& p : {std::span<const int32_t>(), std::span<const int32_t>(permutation)}) {
    const Matrix<int64_t> expected = counts({Backend::reference, 1}, a, b, k, p);
    const int most_threads = backend() == Backend::cpu ? 3 : 1;
    for (int threads = 1; threads <= most_threads; ++threads) {
      EXPECT_EQ(counts({backend(), threads}, a, b, k, p).values(), expected.values())
          << threads << " threads, permuted: " << !p.empty();
    }
  }
}

TEST_P(OverlapGrids, CountsPerRow) {
  const auto [n, k, layers_a, layers_b] = grid();
  const Layers a(1, n, k, 1);
  const Layers b(1, n, k, 1000);
  std::vector<int32_t> expected(static_cast<size_t>(n), -1);
  std::vector<int32_t> found(static_cast<size_t>(n), -1);
  kernels::overlap_per_row({Backend::reference, 1}, a.views[0], b.views[0], k, expected);
  kernels::overlap_per_row({backend(), 2}, a.views[0], b.views[0], k, found);
  EXPECT_EQ(found, expected);
}

INSTANTIATE_TEST_SUITE_P(
    Sizes, OverlapGrids,
    ::testing::Combine(::testing::ValuesIn(backends_under_test()),
                       ::testing::Values(Grid{1, 1, 1, 1}, Grid{31, 5, 2, 3}, Grid{32, 32, 4, 4},
                                         Grid{33, 10, 5, 9}, Grid{64, 10, 3, 5},
                                         Grid{127, 10, 8, 1}, Grid{1000, 10, 5, 6},
                                         Grid{1025, 40, 1, 7}, Grid{2048, 3, 2, 2},
                                         Grid{2049, 10, 6, 3}, Grid{2100, 300, 4, 2},
                                         Grid{5000, 1, 3, 3}, Grid{4096, 10, 3, 2},
                                         Grid{4097, 10, 3, 2}, Grid{41, 3, 600, 3},
                                         Grid{41, 3, 3, 600}, Grid{1100, 1024, 1, 2},
                                         Grid{1024, 1, 33, 34}, Grid{21000, 2, 2, 2})),
    [](const auto& test) {
      const Grid& grid = std::get<1>(test.param);
      return name_of_backend({std::get<0>(test.param), 0}) + "_n" + std::to_string(grid.n) + "_k" +
             std::to_string(grid.k) + "_" + std::to_string(grid.layers_a) + "x" +
             std::to_string(grid.layers_b);
    });

class Overlap : public EachBackend {};
INSTANTIATE_TEST_SUITE_P(Backends, Overlap, ::testing::ValuesIn(backends_under_test()),
                         name_of_backend);

/// Lists that are all alike share everything: the largest counts there are.
TEST_P(Overlap, OfEqualLists) {
  for (const auto& [n, k, layers] :
       {std::tuple<int64_t, int, size_t>{9, 9, 35}, {300, 40, 70}, {700, 600, 2}}) {
    const Layers one(1, n, k, 3);
    Layers all = one;
    all.views.assign(layers, one.lists[0].view());
    const Matrix<int64_t> found = counts({GetParam(), 2}, all, all, k, {});
    for (const int64_t count : found.values()) ASSERT_EQ(count, n * k);
  }
}

TEST_P(Overlap, OfNoRows) {
  const Matrix<int32_t> none(0, 4);
  const std::vector<ListView> layers = {none.view(), none.view()};
  Matrix<int64_t> found(2, 2, -1);
  kernels::overlap_counts({GetParam(), 1}, layers, layers, 3, {}, found.view());
  EXPECT_EQ(found.values(), std::vector<int64_t>(4));
}

TEST_P(Overlap, OfStridedViews) {
  const Layers whole(2, 90, 12, 4);
  const std::vector<ListView> parts = {{whole.lists[0].row(0).data(), 90, 7, 12},
                                       {whole.lists[1].row(0).data(), 90, 7, 12}};
  Matrix<int64_t> found(2, 2), expected(2, 2);
  kernels::overlap_counts({GetParam(), 1}, parts, parts, 5, {}, found.view());
  kernels::overlap_counts({Backend::reference, 1}, parts, parts, 5, {}, expected.view());
  EXPECT_EQ(found.values(), expected.values());
  std::vector<int32_t> rows(90), rows_expected(90);
  kernels::overlap_per_row({GetParam(), 1}, parts[0], parts[1], 5, rows);
  kernels::overlap_per_row({Backend::reference, 1}, parts[0], parts[1], 5, rows_expected);
  EXPECT_EQ(rows, rows_expected);
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
