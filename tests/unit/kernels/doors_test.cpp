#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "kernels/base/devices.h"
#include "kernels/base/error.h"
#include "kernels/ops/overlap.h"
#include "kernels/ops/resize.h"
#include "tests/support/neighbor_lists.h"
#include "tests/support/random_matrix.h"

/// What the doors refuse, and how they say it.
namespace consilience::testing {
namespace {

using kernels::Backend;
using kernels::NeighborParams;

template <typename Call>
std::string message(const Call& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing was thrown";
}

class NeighborsDoor : public ::testing::Test {
 protected:
  std::string refusal(const NeighborParams& params) {
    return message([&] { find_neighbors({}, features_.view(), features_.view(), params); });
  }
  Features features_ = {.x = normal_matrix(6, 3, 1), .mean = {}, .scale = {}};
  std::vector<int64_t> self_ = self_rows(6);
};

TEST_F(NeighborsDoor, KOutOfRange) {
  NeighborParams params;
  params.k = 0;
  EXPECT_EQ(refusal(params), "neighbors: k is 0, expected 1 to 1024");
  params.k = 1025;
  EXPECT_EQ(refusal(params), "neighbors: k is 1025, expected 1 to 1024");
}

TEST_F(NeighborsDoor, TooFewEligibleRows) {
  NeighborParams params;
  params.k = 6;
  EXPECT_EQ(refusal(params), "nothing was thrown");
  params.self = self_;
  EXPECT_EQ(refusal(params),
            "neighbors: query 0 has 5 rows that may be its neighbours, expected at least k = 6");
  params.k = 5;
  EXPECT_EQ(refusal(params), "nothing was thrown");
  const std::vector<int32_t> group = {0, 1, 2, 3, 4, 4};
  params.query_group = params.gallery_group = group;  // self counts once
  EXPECT_EQ(refusal(params),
            "neighbors: query 4 has 4 rows that may be its neighbours, expected at least k = 5");
}

TEST_F(NeighborsDoor, ShapesThatDisagree) {
  NeighborParams params;
  params.k = 2;
  self_.pop_back();
  params.self = self_;
  EXPECT_EQ(refusal(params), "neighbors: 5 entries of self for 6 queries");
  self_ = {0, 1, 2, 3, 4, 6};
  params.self = self_;
  EXPECT_EQ(refusal(params), "neighbors: self of query 5 is 6, expected -1 to 5");
  params.self = {};
  features_.mean = {1, 2};
  EXPECT_EQ(refusal(params), "neighbors: a mean of 2 values for 3 columns of the queries");
}

TEST_F(NeighborsDoor, ScalesOfZeroRows) {
  features_.scale.assign(6, 1.0);
  features_.scale[2] = std::numeric_limits<double>::infinity();
  EXPECT_EQ(refusal(NeighborParams{.k = 2, .self = {}, .query_group = {}, .gallery_group = {}}),
            "neighbors: row 2 of the queries has the scale inf (a zero row?), expected a finite "
            "one");
}

TEST_F(NeighborsDoor, EuclideanWithScales) {
  features_.scale.assign(6, 1.0);
  NeighborParams params;
  params.k = 2;
  params.similarity = kernels::Similarity::euclidean;
  EXPECT_EQ(refusal(params),
            "neighbors: euclidean takes no row scales: under l2 its order is that of dot");
}

TEST(ConditionDoor, Quantiles) {
  const Matrix<float> x = normal_matrix(2, 2, 1);
  const std::vector<MatrixView<const float>> layers = {x.view()};
  EXPECT_EQ(message([&] { kernels::abs_quantile({}, layers, 1.5); }),
            "abs_quantile: q must lie in [0, 1], found 1.5");
  EXPECT_EQ(message([&] { kernels::abs_quantile({}, {}, 0.5); }),
            "abs_quantile: no values: expected at least one layer that is not empty");
}

TEST(OverlapDoor, EntriesAndPermutations) {
  Matrix<int32_t> lists = random_lists(9, 4, 1);
  const std::vector<kernels::ListView> views = {lists.view()};
  Matrix<int64_t> counts(1, 1);
  const auto refusal = [&](int k, const std::vector<int32_t>& permutation) {
    return message(
        [&] { kernels::overlap_counts({}, views, views, k, permutation, counts.view()); });
  };
  EXPECT_EQ(refusal(5, {}),
            "overlap: lists of 4 in layer 0 of the first side, expected at least k = 5");
  EXPECT_EQ(refusal(4, {0, 1, 2}), "overlap: a permutation of 3 rows, expected 9");
  EXPECT_EQ(refusal(4, {0, 1, 2, 3, 4, 5, 6, 7, 7}),
            "overlap: entry 8 of the permutation is 7, expected each of 0 to 8 once");
  lists(3, 2) = -1;
  EXPECT_EQ(refusal(4, {}),
            "overlap: row 3 of layer 0 of the first side lists -1, expected 0 to 8");
  EXPECT_EQ(refusal(2, {}), "nothing was thrown");
}

TEST(ResizeDoor, EmptyPictures) {
  uint8_t byte[3] = {};
  EXPECT_EQ(message([&] {
              kernels::resize({}, {byte, 0, 1}, {kernels::Filter::bicubic}, {byte, 1, 1});
            }),
            "resize: the picture is 0 x 1, expected at least 1 x 1");
}

TEST(CudaDoor, ABuildOrAMachineWithoutCudaSaysSo) {
  if (kernels::cuda_device_count() > 0) GTEST_SKIP() << "there is a CUDA device";
  const Features features = {.x = normal_matrix(6, 3, 1), .mean = {}, .scale = {}};
  NeighborParams params;
  params.k = 2;
  const std::string found = message([&] {
    find_neighbors({Backend::cuda, 0}, features.view(), features.view(), params);
  });
  if (kernels::built_with_cuda()) {
    EXPECT_THAT(found, ::testing::StartsWith("CUDA: no d"));  // driver, or device
    EXPECT_THAT(found, ::testing::EndsWith("use the cpu backend"));
  } else {
    EXPECT_EQ(found, "neighbors: built without CUDA: choose the cpu backend");
  }
}

}  // namespace
}  // namespace consilience::testing
