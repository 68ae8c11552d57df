#include <gtest/gtest.h>
#include <hwy/targets.h>

#include <algorithm>
#include <limits>
#include <numeric>

#include "kernels/base/error.h"
#include "kernels/ops/condition.h"
#include "kernels/ops/rank_of.h"
#include "tests/support/hard_matrices.h"
#include "tests/support/neighbor_lists.h"

/// The cpu backend against the reference, and both against the lists of `neighbors`.
namespace consilience::testing {
namespace {

using kernels::Backend;
using kernels::Conditioned;
using kernels::Context;
using kernels::RankParams;
using kernels::Similarity;

const Context kReference = {Backend::reference, 1};

Matrix<int32_t> ranks(const Context& context, const Conditioned& queries,
                      const Conditioned& gallery, const RankParams& params,
                      const Matrix<int32_t>& columns) {
  Matrix<int32_t> found(columns.rows(), columns.cols(), -7);
  kernels::rank_of(context, queries, gallery, params, columns.view(), found.view());
  return found;
}

Matrix<int32_t> random_columns(int64_t q, int64_t m, int64_t n, uint64_t seed) {
  Draws draws(seed);
  Matrix<int32_t> columns(q, m);
  for (int32_t& j : columns.values()) j = draws.below(n);
  return columns;
}

Matrix<int32_t> every_column(int64_t q, int64_t n) {
  Matrix<int32_t> columns(q, n);
  for (int64_t i = 0; i < q; ++i) std::iota(columns.row(i).begin(), columns.row(i).end(), 0);
  return columns;
}

/// A few columns, and all of them.
void expect_conforms(const Conditioned& queries, const Conditioned& gallery,
                     const RankParams& params) {
  const int64_t q = queries.x.rows();
  const int64_t n = gallery.x.rows();
  for (const auto& columns : {random_columns(q, 3, n, 5), every_column(q, n)}) {
    EXPECT_EQ(ranks({Backend::cpu, 2}, queries, gallery, params, columns).values(),
              ranks(kReference, queries, gallery, params, columns).values())
        << columns.cols() << " columns";
  }
}

class HardRanks : public ::testing::TestWithParam<HardCase> {};

TEST_P(HardRanks, RawDotProducts) {
  const Features features = {.x = GetParam().make(150, 24), .mean = {}, .scale = {}};
  const auto self = self_rows(150);
  expect_conforms(features.view(), features.view(), {.self = self});
}

TEST_P(HardRanks, CentredCosines) {
  const Features features = centred_l2_rows(GetParam().make(150, 24), 2.5F);
  const auto self = self_rows(150);
  if (!std::ranges::all_of(features.scale, [](double c) { return std::isfinite(c); })) {
    EXPECT_THROW(ranks({}, features.view(), features.view(), {.self = self}, every_column(150, 1)),
                 Error);
    return;  // a zero row: the door refuses such scales
  }
  expect_conforms(features.view(), features.view(), {.self = self});
}

TEST_P(HardRanks, EuclideanDistances) {
  const Features features = {.x = GetParam().make(150, 21), .mean = {}, .scale = {}};
  const auto self = self_rows(150);
  expect_conforms(features.view(), features.view(),
                  {.similarity = Similarity::euclidean, .self = self});
}

TEST_P(HardRanks, GroupsAreLeftOut) {
  const Features features = {.x = GetParam().make(140, 9), .mean = {}, .scale = {}};
  std::vector<int32_t> group(140);
  for (size_t i = 0; i < group.size(); ++i) group[i] = static_cast<int32_t>(i / 7);
  expect_conforms(features.view(), features.view(), {.query_group = group, .gallery_group = group});
}

TEST_P(HardRanks, AreThePlacesInTheLists) {
  const Features features = {.x = GetParam().make(150, 9), .mean = {}, .scale = {}};
  const auto self = self_rows(150);
  for (const auto similarity : {Similarity::dot, Similarity::euclidean}) {
    kernels::NeighborParams params;
    params.k = 149;
    params.self = self;
    params.similarity = similarity;
    const Lists lists = find_neighbors({Backend::cpu, 2}, features.view(), features.view(), params);
    const Matrix<int32_t> found = ranks({Backend::cpu, 2}, features.view(), features.view(),
                                        {.similarity = similarity, .self = self}, lists.index);
    for (int64_t i = 0; i < 150; ++i)
      for (int64_t c = 0; c < 149; ++c) ASSERT_EQ(found(i, c), c + 1) << "row " << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, HardRanks, ::testing::ValuesIn(hard_cases()),
                         [](const auto& hard) { return hard.param.name; });

TEST(Ranks, QueriesOtherThanTheGallery) {
  for (const int64_t d : {1, 7, 8, 17, 513}) {
    const Features gallery = {.x = normal_matrix(129, d, 21), .mean = {}, .scale = {}};
    const Features queries = {.x = normal_matrix(33, d, 22), .mean = {}, .scale = {}};
    expect_conforms(queries.view(), gallery.view(), {});
    expect_conforms(queries.view(), gallery.view(), {.similarity = Similarity::euclidean});
  }
}

/// Clamped or not, centred or not, on every instruction set that this machine can run.
TEST(Ranks, OnEveryTarget) {
  for (const int64_t target : hwy::SupportedAndGeneratedTargets()) {
    hwy::SetSupportedTargetsForTest(target);
    SCOPED_TRACE(hwy::TargetName(target));
    for (const int64_t d : {3, 16, 40, 77}) {
      const Matrix<float> x = normal_matrix(70, d, 31);
      for (const float clamp : {std::numeric_limits<float>::infinity(), 1.0F}) {
        const auto mean = kernels::column_mean(kReference, x.view(), clamp);
        const auto scale = kernels::row_scales(kReference, x.view(), clamp, mean);
        const Conditioned whole = {x.view(), clamp, mean, {}};
        const Conditioned raw = {x.view(), clamp, {}, {}};
        expect_conforms({x.view(), clamp, mean, scale}, {x.view(), clamp, mean, scale}, {});
        expect_conforms(raw, raw, {});
        expect_conforms(whole, whole, {.similarity = Similarity::euclidean});
      }
    }
  }
  hwy::SetSupportedTargetsForTest(0);
}

/// More columns than are counted one by one.
TEST(Ranks, OfManyColumns) {
  const Features features = {.x = normal_matrix(700, 5, 41), .mean = {}, .scale = {}};
  const auto self = self_rows(700);
  const auto columns = random_columns(700, 513, 700, 6);
  EXPECT_EQ(
      ranks({Backend::cpu, 2}, features.view(), features.view(), {.self = self}, columns).values(),
      ranks(kReference, features.view(), features.view(), {.self = self}, columns).values());
}

TEST(Ranks, OfFourPointsOnALine) {
  Matrix<float> x(4, 1);
  for (int64_t i = 0; i < 4; ++i) x(i, 0) = static_cast<float>(i);  // 0 and 2 tie around 1
  const Features features = {.x = x, .mean = {}, .scale = {}};
  const auto self = self_rows(4);
  const Matrix<int32_t> found =
      ranks({Backend::cpu, 1}, features.view(), features.view(),
            {.similarity = Similarity::euclidean, .self = self}, every_column(4, 4));
  EXPECT_EQ(found.values(), (std::vector<int32_t>{1, 1, 2, 3,  // self comes before all: 1
                                                  1, 1, 2, 3,  // 0 and 2 tie: the lower first
                                                  3, 1, 1, 2,  // 1 and 3 tie
                                                  3, 2, 1, 1}));
}

TEST(Ranks, RefusesWhatIsNoRow) {
  const Features features = {.x = normal_matrix(5, 2, 1), .mean = {}, .scale = {}};
  for (const int32_t bad : {-1, 5}) {
    const Matrix<int32_t> columns(5, 1, bad);
    EXPECT_THROW(ranks({}, features.view(), features.view(), {}, columns), Error);
  }
  EXPECT_THROW(ranks({}, features.view(), features.view(), {}, Matrix<int32_t>(4, 1)), Error);
}

TEST(Ranks, RefusesEuclideanUnderRowScales) {
  const Features features = l2_rows(normal_matrix(5, 2, 1));
  EXPECT_THROW(ranks({}, features.view(), features.view(), {.similarity = Similarity::euclidean},
                     Matrix<int32_t>(5, 1)),
               Error);
}

}  // namespace
}  // namespace consilience::testing
