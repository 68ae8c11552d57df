#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <numeric>

#include "kernels/base/error.h"
#include "kernels/ops/condition.h"
#include "kernels/ops/rank_of.h"
#include "tests/support/backends.h"
#include "tests/support/hard_matrices.h"
#include "tests/support/neighbor_lists.h"
#include "tests/support/rank_columns.h"

/// Every backend against the reference, and against the lists of `neighbors`.
namespace consilience::testing {
namespace {

using kernels::Backend;
using kernels::Conditioned;
using kernels::Context;
using kernels::RankParams;
using kernels::Similarity;

const Context kReference = {Backend::reference, 1};

/// A few columns, and all of them.
void expect_conform(Backend backend, const Conditioned& queries, const Conditioned& gallery,
                    const RankParams& params) {
  const int64_t q = queries.x.rows();
  const int64_t n = gallery.x.rows();
  for (const auto& columns : {random_columns(q, 3, n, 5), every_column(q, n)}) {
    EXPECT_EQ(ranks({backend, 2}, queries, gallery, params, columns).values(),
              ranks(kReference, queries, gallery, params, columns).values())
        << columns.cols() << " columns";
  }
}

class HardRanks : public ::testing::TestWithParam<std::tuple<Backend, HardCase>> {
 protected:
  void SetUp() override {
    if (backend() == Backend::cuda) CONSILIENCE_REQUIRE_GPU();
  }
  static Backend backend() { return std::get<0>(GetParam()); }
  static Matrix<float> make(int64_t n, int64_t d) { return std::get<1>(GetParam()).make(n, d); }
  static void expect_conforms(const Conditioned& queries, const Conditioned& gallery,
                              const RankParams& params) {
    expect_conform(backend(), queries, gallery, params);
  }
};

class Ranks : public EachBackend {
 protected:
  static void expect_conforms(const Conditioned& queries, const Conditioned& gallery,
                              const RankParams& params) {
    expect_conform(GetParam(), queries, gallery, params);
  }
};

TEST_P(HardRanks, RawDotProducts) {
  const Features features = {.x = make(150, 24), .mean = {}, .scale = {}};
  const auto self = self_rows(150);
  expect_conforms(features.view(), features.view(), {.self = self});
}

TEST_P(HardRanks, CentredCosines) {
  const Features features = centred_l2_rows(make(150, 24), 2.5F);
  const auto self = self_rows(150);
  if (!std::ranges::all_of(features.scale, [](double c) { return std::isfinite(c); })) {
    EXPECT_THROW(ranks({}, features.view(), features.view(), {.self = self}, every_column(150, 1)),
                 Error);
    return;  // a zero row: the door refuses such scales
  }
  expect_conforms(features.view(), features.view(), {.self = self});
}

TEST_P(HardRanks, EuclideanDistances) {
  const Features features = {.x = make(150, 21), .mean = {}, .scale = {}};
  const auto self = self_rows(150);
  expect_conforms(features.view(), features.view(),
                  {.similarity = Similarity::euclidean, .self = self});
}

TEST_P(HardRanks, GroupsAreLeftOut) {
  const Features features = {.x = make(140, 9), .mean = {}, .scale = {}};
  std::vector<int32_t> group(140);
  for (size_t i = 0; i < group.size(); ++i) group[i] = static_cast<int32_t>(i / 7);
  expect_conforms(features.view(), features.view(), {.query_group = group, .gallery_group = group});
}

TEST_P(HardRanks, AreThePlacesInTheLists) {
  const Features features = {.x = make(150, 9), .mean = {}, .scale = {}};
  const auto self = self_rows(150);
  for (const auto similarity : {Similarity::dot, Similarity::euclidean}) {
    kernels::NeighborParams params;
    params.k = 149;
    params.self = self;
    params.similarity = similarity;
    const Lists lists = find_neighbors(kReference, features.view(), features.view(), params);
    const Matrix<int32_t> found = ranks({backend(), 2}, features.view(), features.view(),
                                        {.similarity = similarity, .self = self}, lists.index);
    for (int64_t i = 0; i < 150; ++i)
      for (int64_t c = 0; c < 149; ++c) ASSERT_EQ(found(i, c), c + 1) << "row " << i;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Cases, HardRanks,
    ::testing::Combine(::testing::ValuesIn(backends_under_test()),
                       ::testing::ValuesIn(hard_cases())),
    [](const auto& test) {
      return name_of_backend({std::get<0>(test.param), 0}) + "_" + std::get<1>(test.param).name;
    });
INSTANTIATE_TEST_SUITE_P(Backends, Ranks, ::testing::ValuesIn(backends_under_test()),
                         name_of_backend);

TEST_P(Ranks, QueriesOtherThanTheGallery) {
  for (const int64_t d : {1, 7, 8, 17, 513}) {
    const Features gallery = {.x = normal_matrix(129, d, 21), .mean = {}, .scale = {}};
    const Features queries = {.x = normal_matrix(33, d, 22), .mean = {}, .scale = {}};
    expect_conforms(queries.view(), gallery.view(), {});
    expect_conforms(queries.view(), gallery.view(), {.similarity = Similarity::euclidean});
  }
}

/// Clamped or not, centred or not, of either side alone.
TEST_P(Ranks, OfEveryConditioning) {
  for (const int64_t d : {3, 16, 77}) {
    const Matrix<float> x = normal_matrix(50, d, 31);
    for (const float clamp : {std::numeric_limits<float>::infinity(), 1.0F}) {
      const auto mean = kernels::column_mean(kReference, x.view(), clamp);
      const auto scale = kernels::row_scales(kReference, x.view(), clamp, mean);
      const Conditioned whole = {x.view(), clamp, mean, {}};
      const Conditioned raw = {x.view(), clamp, {}, {}};
      expect_conforms({x.view(), clamp, mean, scale}, {x.view(), clamp, mean, scale}, {});
      expect_conforms(raw, raw, {});
      expect_conforms({x.view(), clamp, {}, scale}, {x.view(), 0.5F, mean, {}}, {});
      expect_conforms(whole, whole, {.similarity = Similarity::euclidean});
    }
  }
}

TEST_P(Ranks, OfEverySize) {
  for (const int64_t n : {1, 2, 31, 32, 33, 127, 257}) {
    const Features features = {.x = normal_matrix(n, 5, 51), .mean = {}, .scale = {}};
    const auto self = self_rows(n);
    expect_conforms(features.view(), features.view(), {.self = self});
  }
}

TEST_P(Ranks, OfLongRows) {
  const Features features = centred_l2_rows(normal_matrix(21, 16384, 52), 2.0F);
  expect_conforms(features.view(), features.view(), {});
}

TEST_P(Ranks, OfStridedViews) {
  const Matrix<float> wide = normal_matrix(60, 40, 53);
  const MatrixView<const float> x(wide.view().data() + 5, 60, 21, 40);
  const Conditioned features = {x, 1.5F, {}, {}};
  expect_conforms(features, features, {});
}

/// More columns than are counted one by one.
TEST_P(Ranks, OfManyColumns) {
  const Features gallery = {.x = normal_matrix(700, 5, 41), .mean = {}, .scale = {}};
  const Features queries = {.x = normal_matrix(40, 5, 42), .mean = {}, .scale = {}};
  const auto self = self_rows(40);
  const auto columns = random_columns(40, 513, 700, 6);
  EXPECT_EQ(
      ranks({GetParam(), 2}, queries.view(), gallery.view(), {.self = self}, columns).values(),
      ranks(kReference, queries.view(), gallery.view(), {.self = self}, columns).values());
}

TEST_P(Ranks, OfFourPointsOnALine) {
  Matrix<float> x(4, 1);
  for (int64_t i = 0; i < 4; ++i) x(i, 0) = static_cast<float>(i);  // 0 and 2 tie around 1
  const Features features = {.x = x, .mean = {}, .scale = {}};
  const auto self = self_rows(4);
  const Matrix<int32_t> found =
      ranks({GetParam(), 1}, features.view(), features.view(),
            {.similarity = Similarity::euclidean, .self = self}, every_column(4, 4));
  EXPECT_EQ(found.values(), (std::vector<int32_t>{1, 1, 2, 3,  // self comes before all: 1
                                                  1, 1, 2, 3,  // 0 and 2 tie: the lower first
                                                  3, 1, 1, 2,  // 1 and 3 tie
                                                  3, 2, 1, 1}));
}

TEST(RankDoor, RefusesWhatIsNoRow) {
  const Features features = {.x = normal_matrix(5, 2, 1), .mean = {}, .scale = {}};
  for (const int32_t bad : {-1, 5}) {
    const Matrix<int32_t> columns(5, 1, bad);
    EXPECT_THROW(ranks({}, features.view(), features.view(), {}, columns), Error);
  }
  EXPECT_THROW(ranks({}, features.view(), features.view(), {}, Matrix<int32_t>(4, 1)), Error);
}

TEST(RankDoor, RefusesEuclideanUnderRowScales) {
  const Features features = l2_rows(normal_matrix(5, 2, 1));
  EXPECT_THROW(ranks({}, features.view(), features.view(), {.similarity = Similarity::euclidean},
                     Matrix<int32_t>(5, 1)),
               Error);
}

}  // namespace
}  // namespace consilience::testing
