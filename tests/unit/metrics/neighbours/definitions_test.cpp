#include <gtest/gtest.h>

#include "kernels/base/error.h"
#include "tests/unit/metrics/neighbours/plain_lists.h"

/// Every metric of the family against its definition, written out the slow way.
namespace consilience::testing {
namespace {

using plain::List;
using plain::Table;

struct Shape {
  int64_t n;
  int64_t dx, dy;
  int k;
};

/// Neither equal nor independent: a part of x, and noise.
Matrix<float> partner(const Matrix<float>& x, int64_t d, uint64_t seed) {
  Matrix<float> y = normal_matrix(x.rows(), d, seed);
  for (int64_t i = 0; i < y.rows(); ++i)
    for (int64_t f = 0; f < std::min(d, x.cols()); ++f) y(i, f) += 2 * x(i, f);
  return y;
}

class Definitions : public ::testing::TestWithParam<Shape> {
 protected:
  [[nodiscard]] double found(const std::string& metric, const std::string& rest = "") const {
    return score(fmt::format("{}(k={}{}, preprocess=l2)", metric, shape_.k, rest), x_, y_);
  }
  [[nodiscard]] List a(size_t i) const { return plain::first(orders_x_[i], shape_.k); }
  [[nodiscard]] List b(size_t i) const { return plain::first(orders_y_[i], shape_.k); }
  /// The mean over samples of value(list in x, list in y).
  template <typename Value>
  double mean(Value value) const {
    double sum = 0;
    for (size_t i = 0; i < orders_x_.size(); ++i) sum += value(a(i), b(i));
    return sum / static_cast<double>(orders_x_.size());
  }

  const Shape shape_ = GetParam();
  const Matrix<float> x_ = normal_matrix(shape_.n, shape_.dx, 31);
  const Matrix<float> y_ = partner(x_, shape_.dy, 32);
  const Table kernel_x_ = plain::scores(x_, true);
  const Table kernel_y_ = plain::scores(y_, true);
  const std::vector<List> orders_x_ = plain::orders(kernel_x_);
  const std::vector<List> orders_y_ = plain::orders(kernel_y_);
};

TEST_P(Definitions, MutualKnn) {
  const double s =
      mean([](const List& u, const List& v) { return plain::shared(u, v); }) / shape_.k;
  const double chance = static_cast<double>(shape_.k) / static_cast<double>(shape_.n - 1);
  EXPECT_NEAR(found("mutual_knn"), s, 1e-12);
  if (shape_.k < shape_.n - 1) {
    EXPECT_NEAR(found("mutual_knn_chance_corrected"), (s - chance) / (1 - chance), 1e-12);
  }
  EXPECT_NEAR(found("mutual_knn_tie_min"), s, 1e-12);  // nothing ties
  EXPECT_NEAR(found("mutual_knn_tie_max"), s, 1e-12);
}

TEST_P(Definitions, Jaccard) {
  EXPECT_NEAR(found("jaccard_knn"), mean([](const List& u, const List& v) {
                const double shared = plain::shared(u, v);
                return shared / (static_cast<double>(u.size() + v.size()) - shared);
              }),
              1e-12);
}

TEST_P(Definitions, LongestCommonSubsequence) {
  EXPECT_NEAR(found("lcs_knn"), mean(plain::lcs) / shape_.k, 1e-12);
}

TEST_P(Definitions, EditDistance) {
  EXPECT_NEAR(found("edit_knn"), 1 - mean(plain::levenshtein) / shape_.k, 1e-12);
}

TEST_P(Definitions, RankBiasedOverlap) {
  for (const double p : {0.5, 0.9}) {
    const double expected = mean([p](const List& u, const List& v) { return plain::rbo(u, v, p); });
    EXPECT_NEAR(found("rbo_knn", fmt::format(", p={}", p)), expected, 1e-12);
  }
}

TEST_P(Definitions, CycleBothWays) {
  const auto cycles = [&](bool out_in_y) {
    int hits = 0;
    for (size_t i = 0; i < orders_x_.size(); ++i) {
      const List out = out_in_y ? b(i) : a(i);
      hits += std::ranges::any_of(out, [&](int32_t j) {
        const auto at = static_cast<size_t>(j);
        return plain::holds(out_in_y ? a(at) : b(at), static_cast<int32_t>(i));
      });
    }
    return static_cast<double>(hits) / static_cast<double>(shape_.n);
  };
  EXPECT_NEAR(found("cycle_knn", ", A=x, B=y"), cycles(true), 1e-12);
  EXPECT_NEAR(found("cycle_knn", ", A=y, B=x"), cycles(false), 1e-12);
}

TEST_P(Definitions, CknnaOfThePaper) {
  for (const bool with_self : {true, false}) {
    const auto align = [&](const Table& u, const std::vector<List>& a, const Table& v,
                           const std::vector<List>& b) {
      return plain::align(u, a, v, b, shape_.k, with_self);
    };
    const double expected = align(kernel_x_, orders_x_, kernel_y_, orders_y_) /
                            std::sqrt(align(kernel_x_, orders_x_, kernel_x_, orders_x_) *
                                      align(kernel_y_, orders_y_, kernel_y_, orders_y_));
    EXPECT_NEAR(found(with_self ? "cknna_eq16" : "cknna_eq16_row_mean_without_self"), expected,
                1e-10);
  }
  EXPECT_EQ(found("cknna"), found("cknna_eq16"));
}

TEST_P(Definitions, CknnaOfTheReleasedCode) {
  if (shape_.k < 2) {
    EXPECT_THROW((void)found("cknna_prh_code"), Error);
    return;
  }
  const auto hsic = [&](const Table& u, const Table& v, const std::vector<List>& a,
                        const std::vector<List>& b) {
    return plain::hsic_1(plain::masked(u, a, b, shape_.k), plain::masked(v, a, b, shape_.k));
  };
  const double self = hsic(kernel_x_, kernel_x_, orders_x_, orders_x_);
  const double other = hsic(kernel_y_, kernel_y_, orders_y_, orders_y_);
  if (self <= 0 || other <= 0) {
    EXPECT_TRUE(std::isnan(found("cknna_prh_code")));
    return;
  }
  const double expected =
      hsic(kernel_x_, kernel_y_, orders_x_, orders_y_) / (std::sqrt(self * other) + 1e-6);
  EXPECT_NEAR(found("cknna_prh_code"), expected, 1e-9);
  EXPECT_EQ(found("cknna_prh"), found("cknna_prh_code"));
}

TEST_P(Definitions, InformationImbalanceBothWays) {
  const auto near_x = plain::orders(plain::scores(x_, false, true));
  const auto near_y = plain::orders(plain::scores(y_, false, true));
  const auto expected = [&](const std::vector<List>& nearest, const std::vector<List>& ranked) {
    double sum = 0;
    for (size_t i = 0; i < nearest.size(); ++i)
      sum +=
          static_cast<double>(std::ranges::find(ranked[i], nearest[i][0]) - ranked[i].begin() + 1);
    const auto n = static_cast<double>(shape_.n);
    return 2 / n * sum / n;
  };
  EXPECT_NEAR(score("information_imbalance(direction=x->y)", x_, y_), expected(near_x, near_y),
              1e-12);
  EXPECT_NEAR(score("information_imbalance(direction=y->x)", x_, y_), expected(near_y, near_x),
              1e-12);
}

INSTANTIATE_TEST_SUITE_P(Shapes, Definitions,
                         ::testing::Values(Shape{4, 2, 3, 1}, Shape{4, 3, 3, 3}, Shape{5, 6, 2, 2},
                                           Shape{12, 3, 4, 5}, Shape{33, 7, 5, 10},
                                           Shape{60, 4, 9, 59}, Shape{70, 16, 16, 3}),
                         [](const auto& shape) {
                           return fmt::format("n{}_dx{}_dy{}_k{}", shape.param.n, shape.param.dx,
                                              shape.param.dy, shape.param.k);
                         });

}  // namespace
}  // namespace consilience::testing
