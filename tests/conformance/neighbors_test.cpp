#include <gtest/gtest.h>

#include "kernels/base/error.h"
#include "tests/support/backends.h"
#include "tests/support/hard_matrices.h"
#include "tests/support/neighbor_lists.h"

/// Every backend against the reference, bit for bit.
namespace consilience::testing {
namespace {

using kernels::Backend;
using kernels::Conditioned;
using kernels::Context;
using kernels::NeighborParams;
using kernels::Similarity;

const Context kReference = {Backend::reference, 1};

NeighborParams within(int k, const std::vector<int64_t>& self) {
  NeighborParams params;
  params.k = k;
  params.self = self;
  return params;
}

void expect_conforms(Backend backend, const Conditioned& queries, const Conditioned& gallery,
                     const NeighborParams& params, int threads = 2) {
  expect_same(find_neighbors({backend, threads}, queries, gallery, params),
              find_neighbors(kReference, queries, gallery, params));
}

/// A test of each backend with each of `T`.
template <typename T>
class OnBackend : public ::testing::TestWithParam<std::tuple<Backend, T>> {
 protected:
  void SetUp() override {
    if (backend() == Backend::cuda) CONSILIENCE_REQUIRE_GPU();
  }
  [[nodiscard]] Backend backend() const { return std::get<0>(this->GetParam()); }
  [[nodiscard]] const T& with() const { return std::get<1>(this->GetParam()); }
};

class HardNeighbors : public OnBackend<HardCase> {};

TEST_P(HardNeighbors, RawDotProducts) {
  const Features features = {.x = with().make(700, 24), .mean = {}, .scale = {}};
  expect_conforms(backend(), features.view(), features.view(), within(10, self_rows(700)));
}

TEST_P(HardNeighbors, CentredCosines) {
  const Features features = centred_l2_rows(with().make(700, 24), 2.5F);
  const auto self = self_rows(700);
  const NeighborParams params = within(7, self);
  if (std::ranges::none_of(features.scale, [](double c) { return std::isfinite(c); })) {
    EXPECT_THROW(find_neighbors({backend(), 0}, features.view(), features.view(), params), Error);
    return;  // every row is zero: the door refuses such scales
  }
  expect_conforms(backend(), features.view(), features.view(), params);
}

TEST_P(HardNeighbors, EuclideanDistances) {
  const Features features = {.x = with().make(700, 21), .mean = {}, .scale = {}};
  const auto self = self_rows(700);
  NeighborParams params = within(10, self);
  params.similarity = Similarity::euclidean;
  expect_conforms(backend(), features.view(), features.view(), params);
}

TEST_P(HardNeighbors, GroupsAreLeftOut) {
  const Features features = {.x = with().make(500, 9), .mean = {}, .scale = {}};
  std::vector<int32_t> group(500);
  for (size_t i = 0; i < group.size(); ++i) group[i] = static_cast<int32_t>(i / 7);
  NeighborParams params;
  params.k = 12;
  params.query_group = params.gallery_group = group;
  expect_conforms(backend(), features.view(), features.view(), params);
}

INSTANTIATE_TEST_SUITE_P(
    Cases, HardNeighbors,
    ::testing::Combine(::testing::ValuesIn(backends_under_test()),
                       ::testing::ValuesIn(hard_cases())),
    [](const auto& hard) {
      return name_of_backend({std::get<0>(hard.param), 0}) + "_" + std::get<1>(hard.param).name;
    });

struct Shape {
  int64_t queries, gallery, d;
  int k;
};

class NeighborShapes : public OnBackend<Shape> {};

TEST_P(NeighborShapes, QueriesOtherThanTheGallery) {
  const Shape shape = with();
  const Features gallery = {
      .x = normal_matrix(shape.gallery, shape.d, 21), .mean = {}, .scale = {}};
  const Features queries = {
      .x = normal_matrix(shape.queries, shape.d, 22), .mean = {}, .scale = {}};
  NeighborParams params;
  params.k = shape.k;
  for (const auto similarity : {Similarity::dot, Similarity::euclidean}) {
    params.similarity = similarity;
    expect_conforms(backend(), queries.view(), gallery.view(), params, 3);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Sizes, NeighborShapes,
    ::testing::Combine(::testing::ValuesIn(backends_under_test()),
                       ::testing::Values(Shape{0, 5, 3, 2}, Shape{1, 1, 1, 1}, Shape{3, 2, 4, 1},
                                         Shape{31, 31, 7, 31}, Shape{32, 33, 8, 32},
                                         Shape{33, 127, 9, 5}, Shape{127, 1000, 16, 10},
                                         Shape{65, 1025, 1, 3}, Shape{1000, 1025, 16, 40},
                                         Shape{9, 1500, 12, 1024}, Shape{3, 4500, 2, 1024},
                                         Shape{20, 4500, 3, 1024}, Shape{5, 300, 511, 3},
                                         Shape{5, 300, 513, 3}, Shape{20, 300, 2055, 3},
                                         Shape{4, 250, 1537, 10}, Shape{2, 100, 16384, 10},
                                         Shape{18, 100, 16384, 10})),
    [](const auto& test) {
      const Shape& shape = std::get<1>(test.param);
      return name_of_backend({std::get<0>(test.param), 0}) + "_" + std::to_string(shape.queries) +
             "_of_" + std::to_string(shape.gallery) + "_d" + std::to_string(shape.d) + "_k" +
             std::to_string(shape.k);
    });

class Neighbors : public EachBackend {};

TEST_P(Neighbors, StridedViews) {
  const Matrix<float> wide = normal_matrix(400, 50, 23);
  Conditioned features;
  features.x = MatrixView<const float>(wide.view().data() + 3, 400, 37, 50);
  expect_conforms(GetParam(), features, features, within(10, self_rows(400)));
}

TEST_P(Neighbors, ThreadsChangeNothing) {
  const Features features = centred_l2_rows(normal_matrix(900, 40, 24), 1.5F);
  const auto self = self_rows(900);
  const Lists expected =
      find_neighbors(kReference, features.view(), features.view(), within(10, self));
  for (const int threads : {1, 2, 3, 0}) {
    expect_same(
        find_neighbors({GetParam(), threads}, features.view(), features.view(), within(10, self)),
        expected);
  }
}

TEST_P(Neighbors, QuerySubsetsGiveTheRowsOfTheWhole) {
  const Features all = centred_l2_rows(normal_matrix(600, 20, 25), 2.0F);
  const auto self = self_rows(600);
  const Lists whole = find_neighbors({GetParam(), 2}, all.view(), all.view(), within(10, self));
  for (const int64_t begin : {0, 1, 250, 599}) {
    const int64_t end = std::min<int64_t>(600, begin + 77);
    Conditioned some = all.view();
    const auto count = static_cast<size_t>(end - begin);
    some.x = some.x.slice(begin, end);
    some.scale = some.scale.subspan(static_cast<size_t>(begin), count);
    NeighborParams params = within(10, self);
    params.self = params.self.subspan(static_cast<size_t>(begin), count);
    const Lists part = find_neighbors({GetParam(), 2}, some, all.view(), params);
    for (int64_t i = begin; i < end; ++i) {
      EXPECT_TRUE(std::ranges::equal(part.index.row(i - begin), whole.index.row(i))) << i;
      EXPECT_TRUE(std::ranges::equal(part.score.row(i - begin), whole.score.row(i))) << i;
    }
  }
}

TEST_P(Neighbors, LargestInnerProductsOfFiveColumns) {  // a gallery that others fed in blocks of 3
  const Features features = {.x = normal_matrix(10, 5, 26), .mean = {}, .scale = {}};
  expect_conforms(GetParam(), features.view(), features.view(), within(2, self_rows(10)));
}

TEST_P(Neighbors, ADuplicateIsANeighbourAndSelfIsNot) {
  Matrix<float> x = normal_matrix(300, 6, 27);
  std::ranges::copy(x.row(121), x.row(5).begin());
  const Features features = {.x = x, .mean = {}, .scale = {}};
  const auto self = self_rows(300);
  NeighborParams params = within(3, self);
  params.similarity = Similarity::euclidean;
  const Lists lists = find_neighbors({GetParam(), 2}, features.view(), features.view(), params);
  EXPECT_EQ(lists.index(121, 0), 5);
  EXPECT_EQ(lists.index(5, 0), 121);
  EXPECT_EQ(lists.score(5, 0), 0.0);
}

TEST_P(Neighbors, DistancesThatRoundToTiesKeepTheLowestRows) {
  // A far query (2^27) and rows so near the mean that their distances differ by less than the last
  // bit of d2: low-precision scores still tell them apart, the exact ones do not.
  Matrix<float> x(300, 2);
  Draws draws(28);
  for (int64_t j = 0; j < 300; ++j) {
    const bool near = j % 3 == 0;
    x(j, 0) = near ? 0x1p-10F + static_cast<float>(j * 37 % 64) * 0x1p-33F : -0x1p-9F;
    x(j, 1) = near ? 0.0F : static_cast<float>((j % 2 == 0 ? 1 : -1) + 0.01 * draws.normal());
  }
  const Features gallery = {.x = x, .mean = {}, .scale = {}};
  Features far = {.x = Matrix<float>(1, 2), .mean = {}, .scale = {}};
  far.x(0, 0) = 0x1p27F;
  NeighborParams params;
  params.similarity = Similarity::euclidean;
  expect_conforms(GetParam(), far.view(), gallery.view(), params);
}

TEST_P(Neighbors, AConstantLayerListsTheLowestRows) {
  const Features features = l2_rows(Matrix<float>(3000, 16, 0.3F));
  const auto self = self_rows(3000);
  const Lists lists =
      find_neighbors({GetParam(), 2}, features.view(), features.view(), within(4, self));
  for (int64_t i = 0; i < 3000; ++i) {
    for (int64_t c = 0; c < 4; ++c) ASSERT_EQ(lists.index(i, c), c < i ? c : c + 1) << i;
    ASSERT_EQ(lists.ties[static_cast<size_t>(i)], 3000 - 1 - 4) << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Backends, Neighbors, ::testing::ValuesIn(backends_under_test()),
                         name_of_backend);

}  // namespace
}  // namespace consilience::testing
