#include "engine/linalg/linalg.h"

#include <gtest/gtest.h>

#include <cmath>
#include <utility>
#include <vector>

#include "kernels/base/error.h"
#include "tests/support/plain_algebra.h"
#include "tests/support/random_matrix.h"
#include "tests/support/require_gpu.h"

namespace consilience::engine::linalg {
namespace {

using testing::Dense;
using testing::normal_matrix;
using testing::times;
using testing::transposed;
using testing::widened;

Dense dense(int64_t n, int64_t d, uint64_t seed) { return widened(normal_matrix(n, d, seed)); }

void expect_near(MatrixView<const double> a, MatrixView<const double> b, double tolerance) {
  ASSERT_EQ(a.rows(), b.rows());
  ASSERT_EQ(a.cols(), b.cols());
  for (int64_t i = 0; i < a.rows(); ++i)
    for (int64_t j = 0; j < a.cols(); ++j)
      ASSERT_NEAR(a(i, j), b(i, j), tolerance) << i << ", " << j;
}

Dense diagonal_times(const std::vector<double>& s, Dense vt) {
  for (int64_t i = 0; i < vt.rows(); ++i)
    for (double& value : vt.row(i)) value *= s[static_cast<size_t>(i)];
  return vt;
}

void expect_orthonormal_columns(const Dense& u) {
  Dense identity(u.cols(), u.cols());
  for (int64_t i = 0; i < u.cols(); ++i) identity(i, i) = 1;
  expect_near(times(transposed(u), u).view(), identity.view(), 1e-13);
}

class Linalg : public ::testing::TestWithParam<Context> {
 protected:
  void SetUp() override {
    if (GetParam().backend == kernels::Backend::cuda) CONSILIENCE_REQUIRE_GPU();
  }
};

TEST_P(Linalg, ProductsOfAllTransposes) {
  const Dense a = dense(5, 7, 1), b = dense(7, 3, 2);
  const Dense expected = times(a, b);
  const Dense at = transposed(a), bt = transposed(b);
  const Context context = GetParam();
  expect_near(product(context, a.view(), Op::none, b.view(), Op::none).view(), expected.view(),
              1e-14);
  expect_near(product(context, at.view(), Op::transpose, b.view(), Op::none).view(),
              expected.view(), 1e-14);
  expect_near(product(context, a.view(), Op::none, bt.view(), Op::transpose).view(),
              expected.view(), 1e-14);
  expect_near(product(context, at.view(), Op::transpose, bt.view(), Op::transpose).view(),
              expected.view(), 1e-14);
}

TEST_P(Linalg, ProductsOfStridedViewsIntoAStridedView) {
  const Dense a = dense(6, 9, 1), b = dense(9, 8, 2);
  const MatrixView<const double> part_a(a.view().data() + 2, 4, 5, 9);  // columns 2 .. 6
  const MatrixView<const double> part_b(b.view().data() + 1, 5, 3, 8);
  Dense copy_a(4, 5), copy_b(5, 3);
  for (int64_t i = 0; i < 4; ++i) std::ranges::copy(part_a.row(i), copy_a.row(i).begin());
  for (int64_t i = 0; i < 5; ++i) std::ranges::copy(part_b.row(i), copy_b.row(i).begin());
  Dense out(6, 5, -7.0);
  product_into(GetParam(), part_a, Op::none, part_b, Op::none,
               MatrixView<double>(out.view().data() + 5 + 1, 4, 3, 5));
  const Dense expected = times(copy_a, copy_b);
  for (int64_t i = 0; i < 6; ++i)
    for (int64_t j = 0; j < 5; ++j) {
      const bool inside = i >= 1 && i < 5 && j >= 1 && j < 4;
      ASSERT_NEAR(out(i, j), inside ? expected(i - 1, j - 1) : -7.0, 1e-14) << i << ", " << j;
    }
}

TEST_P(Linalg, ProductsOfFloats) {
  const Matrix<float> a = normal_matrix(4, 6, 1), b = normal_matrix(5, 6, 2);
  const Matrix<float> found = product(GetParam(), a.view(), Op::none, b.view(), Op::transpose);
  const Dense expected = times(widened(a), transposed(widened(b)));
  for (size_t i = 0; i < found.values().size(); ++i)
    EXPECT_NEAR(found.values()[i], expected.values()[i], 1e-5);
}

TEST_P(Linalg, ShapesThatDisagreeAreRefused) {
  const Dense a = dense(3, 4, 1), b = dense(5, 2, 2);
  EXPECT_THROW((void)product(GetParam(), a.view(), Op::none, b.view(), Op::none), Error);
  Dense out(3, 3);
  const Dense c = dense(4, 2, 3);
  EXPECT_THROW(product_into(GetParam(), a.view(), Op::none, c.view(), Op::none, out.view()), Error);
}

TEST_P(Linalg, AnInnerDimensionOfZeroGivesZeros) {
  const Dense a(3, 0), b(0, 2);
  const Dense found = product(GetParam(), a.view(), Op::none, b.view(), Op::none);
  expect_near(found.view(), Dense(3, 2).view(), 0);
}

TEST_P(Linalg, SvdReconstructs) {
  for (const auto& [n, d] : std::vector<std::pair<int64_t, int64_t>>{{9, 4}, {4, 9}, {6, 6}}) {
    const Dense a = dense(n, d, 3);
    const Svd found = svd(GetParam(), a.view());
    ASSERT_EQ(std::ssize(found.s), std::min(n, d));
    expect_near(times(found.u, diagonal_times(found.s, found.vt)).view(), a.view(), 1e-13);
    expect_orthonormal_columns(found.u);
    expect_orthonormal_columns(transposed(found.vt));
    EXPECT_TRUE(std::ranges::is_sorted(found.s, std::greater<>()));
    const std::vector<double> values = singular_values(GetParam(), a.view());
    const std::vector<double> plain = testing::plain_singular_values(a);
    for (size_t i = 0; i < values.size(); ++i) {
      EXPECT_NEAR(values[i], found.s[i], 1e-13);
      EXPECT_NEAR(values[i], plain[i], 1e-7);
    }
  }
}

TEST_P(Linalg, TheTriangularFactorKeepsLengthsAndSingularValues) {
  for (const auto& [n, d] : std::vector<std::pair<int64_t, int64_t>>{{9, 4}, {4, 9}}) {
    const Dense a = dense(n, d, 4);
    const Dense r = triangular_factor(GetParam(), a.view());
    ASSERT_EQ(r.rows(), std::min(n, d));
    for (int64_t i = 1; i < r.rows(); ++i)
      for (int64_t j = 0; j < i; ++j) EXPECT_EQ(r(i, j), 0);
    expect_near(times(transposed(r), r).view(), times(transposed(a), a).view(), 1e-12);
  }
}

TEST_P(Linalg, EigenvectorsReconstruct) {
  const Dense x = dense(12, 5, 5);
  const Dense a = times(transposed(x), x);
  const Eigen found = eigen_symmetric(GetParam(), a.view());
  EXPECT_TRUE(std::ranges::is_sorted(found.values));
  expect_orthonormal_columns(found.vectors);
  expect_near(times(found.vectors, diagonal_times(found.values, transposed(found.vectors))).view(),
              a.view(), 1e-12);
  const std::vector<double> values = eigenvalues_symmetric(GetParam(), a.view());
  const std::vector<double> plain = testing::jacobi(a).values;
  for (size_t i = 0; i < values.size(); ++i) {
    EXPECT_NEAR(values[i], found.values[i], 1e-12);
    EXPECT_NEAR(values[i], plain[values.size() - 1 - i], 1e-12);
  }
}

TEST_P(Linalg, SolvesWhatIsPositiveDefiniteAndRefusesTheRest) {
  const Dense x = dense(12, 5, 6), b = dense(5, 3, 7);
  Dense a = times(transposed(x), x);
  const Dense solution = solve_positive_definite(GetParam(), a.view(), b.view());
  expect_near(times(a, solution).view(), b.view(), 1e-12);
  a(2, 2) = -1;
  EXPECT_THROW((void)solve_positive_definite(GetParam(), a.view(), b.view()), Error);
}

INSTANTIATE_TEST_SUITE_P(Cpu, Linalg,
                         ::testing::Values(Context{kernels::Backend::cpu, 1},
                                           Context{kernels::Backend::cpu, 0}),
                         [](const auto& context) {
                           return context.param.threads == 1 ? "OneThread" : "AllThreads";
                         });
INSTANTIATE_TEST_SUITE_P(Cuda, Linalg, ::testing::Values(Context{kernels::Backend::cuda, 1}));

}  // namespace
}  // namespace consilience::engine::linalg
