#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "engine/graphs/build_graphs.h"
#include "engine/inference/permutation_null.h"
#include "kernels/base/philox.h"
#include "tests/support/memory_features.h"
#include "tests/support/random_matrix.h"
#include "tests/support/score_graphs.h"

namespace consilience::engine {
namespace {

using testing::Draws;
using testing::MemoryFeatures;
using testing::normal_matrix;

const kernels::Context kContext{kernels::Backend::cpu, 0};
constexpr int64_t kN = 200;
constexpr int kK = 10;

ModelGraphs graphs_of(const std::string& name, const std::vector<Matrix<float>>& layers,
                      const Conditioning& conditioning) {
  return {name, "", layers[0].rows(),
          build_graphs(kContext, MemoryFeatures(layers),
                       {.model = name, .conditioning = conditioning, .k = kK})};
}

PairScore score(const Matrix<float>& x, const Matrix<float>& y, const Conditioning& conditioning) {
  return testing::score_graphs(kContext, graphs_of("x", {x}, conditioning),
                               graphs_of("y", {y}, conditioning), mutual_knn(kK),
                               describe(conditioning));
}

/// y = x W + noise: neither equal nor independent.
Matrix<float> related(const Matrix<float>& x, int64_t d, double noise, uint64_t seed) {
  const Matrix<float> w = normal_matrix(x.cols(), d, seed);
  Matrix<float> y = normal_matrix(x.rows(), d, seed + 1);
  for (int64_t i = 0; i < y.rows(); ++i) {
    for (int64_t c = 0; c < d; ++c) {
      double sum = noise * y(i, c);
      for (int64_t f = 0; f < x.cols(); ++f) sum += static_cast<double>(x(i, f)) * w(f, c);
      y(i, c) = static_cast<float>(sum);
    }
  }
  return y;
}

Matrix<float> shuffled(const Matrix<float>& x, uint64_t seed) {
  const auto to = kernels::permutation(seed, 0, kernels::Purpose::row_order, 0, x.rows());
  Matrix<float> y(x.rows(), x.cols());
  for (int64_t i = 0; i < x.rows(); ++i)
    std::ranges::copy(x.row(i), y.row(to[static_cast<size_t>(i)]).begin());
  return y;
}

class MutualKnn : public ::testing::TestWithParam<Conditioning> {
 protected:
  const Matrix<float> x_ = normal_matrix(kN, 12, 1);
  const Matrix<float> y_ = related(x_, 9, 2.0, 2);
};

TEST_P(MutualKnn, IsOneWithItself) {
  const PairScore self = score(x_, x_, GetParam());
  EXPECT_EQ(self.maximum, 1.0);
  EXPECT_THAT(self.per_sample, ::testing::Each(1.0));
}

TEST_P(MutualKnn, IsSymmetric) {
  const std::vector<Matrix<float>> left = {x_, normal_matrix(kN, 5, 7)};
  const std::vector<Matrix<float>> right = {y_, normal_matrix(kN, 6, 8), x_};
  const ModelGraphs a = graphs_of("a", left, GetParam());
  const ModelGraphs b = graphs_of("b", right, GetParam());
  const PairScore there = testing::score_graphs(kContext, a, b, mutual_knn(kK), "");
  const PairScore back = testing::score_graphs(kContext, b, a, mutual_knn(kK), "");
  for (int64_t i = 0; i < 2; ++i) {
    for (int64_t j = 0; j < 3; ++j) EXPECT_EQ(there.grid(i, j), back.grid(j, i));
  }
  EXPECT_EQ(there.maximum, back.maximum);
}

TEST_P(MutualKnn, ACommonRowPermutationChangesNothing) {
  EXPECT_EQ(score(shuffled(x_, 5), shuffled(y_, 5), GetParam()).maximum,
            score(x_, y_, GetParam()).maximum);
}

TEST_P(MutualKnn, APositiveFactorChangesNothing) {
  Matrix<float> scaled = y_;
  for (float& v : scaled.values()) v *= 8;  // a power of two: no rounding, whatever the clamp
  EXPECT_EQ(score(x_, scaled, GetParam()).maximum, score(x_, y_, GetParam()).maximum);
}

// Users' case 20: one side's rows in another order.
TEST_P(MutualKnn, AShuffledSideFallsToChance) {
  const PairScore paired = score(x_, y_, GetParam());
  const PairScore broken = score(x_, shuffled(y_, 11), GetParam());
  PairInference null;
  testing::null_of_graphs(kContext, graphs_of("x", {x_}, GetParam()),
                          graphs_of("y", {y_}, GetParam()), mutual_knn(kK),
                          draw_relabellings({}, "x", "y", kN), null);
  EXPECT_DOUBLE_EQ(broken.chance, 10.0 / 199);
  EXPECT_NEAR(broken.maximum, broken.chance, 4 * null.null_sd);
  EXPECT_GT(paired.maximum, broken.chance + 10 * null.null_sd);
}

std::string conditioning_name(const ::testing::TestParamInfo<Conditioning>& info) {
  std::string name = describe(info.param);
  std::erase_if(name, [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; });
  return name;
}

INSTANTIATE_TEST_SUITE_P(
    Conditionings, MutualKnn,
    ::testing::Values(Conditioning{}, conditioning_preset("none"), conditioning_preset("prh-code"),
                      Conditioning{.center = Center::mean},
                      Conditioning{.clamp = 0,
                                   .scale = Scale::none,
                                   .similarity = kernels::Similarity::euclidean}),
    conditioning_name);

/// Reflections that keep every product of small integers exact.
TEST(MutualKnnInvariance, SignedColumnPermutationsAreExact) {
  const Matrix<float> x = normal_matrix(kN, 12, 1);
  const Matrix<float> y = related(x, 9, 2.0, 2);
  Matrix<float> turned(kN, 9);
  for (int64_t i = 0; i < kN; ++i) {
    for (int64_t f = 0; f < 9; ++f) turned(i, (f * 4) % 9) = f % 2 == 0 ? y(i, f) : -y(i, f);
  }
  EXPECT_EQ(score(x, turned, {}).maximum, score(x, y, {}).maximum);
}

TEST(MutualKnnInvariance, RotationsChangeNothingWithoutAClamp) {
  const Matrix<float> x = normal_matrix(kN, 12, 1);
  const Matrix<float> y = related(x, 9, 2.0, 2);
  Matrix<float> turned = y;
  Draws draws(3);
  for (int turn = 0; turn < 30; ++turn) {  // plane rotations
    const int64_t p = draws.below(9);
    const int64_t q = (p + 1 + draws.below(8)) % 9;
    const double angle = 6.28 * draws.uniform();
    for (int64_t i = 0; i < kN; ++i) {
      const double u = turned(i, p);
      const double v = turned(i, q);
      turned(i, p) = static_cast<float>(std::cos(angle) * u - std::sin(angle) * v);
      turned(i, q) = static_cast<float>(std::sin(angle) * u + std::cos(angle) * v);
    }
  }
  Conditioning cosine = conditioning_preset("none");
  cosine.scale = Scale::l2;
  const ModelGraphs before = graphs_of("y", {y}, cosine);
  const ModelGraphs after = graphs_of("turned", {turned}, cosine);
  // Rounding to float moves a score by less than 30 turns x 2^-23 x 2: rows whose k-th gap is wider
  // keep their neighbours; that must be nearly all of them.
  const double moved = 30 * 2 * 0x1p-23;
  int64_t clear = 0;
  for (int64_t i = 0; i < kN; ++i) {
    const auto& graph = before.layers[0].graph;
    if (graph.score(i, kK - 1) - graph.score(i, kK) <= 2 * moved) continue;
    ++clear;
    std::vector<int32_t> u(graph.index.row(i).begin(), graph.index.row(i).begin() + kK);
    const auto row = after.layers[0].graph.index.row(i);
    std::vector<int32_t> v(row.begin(), row.begin() + kK);
    std::ranges::sort(u);
    std::ranges::sort(v);
    EXPECT_EQ(u, v) << "row " << i;
  }
  EXPECT_GT(clear, kN * 9 / 10);
}

}  // namespace
}  // namespace consilience::engine
