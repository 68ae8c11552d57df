#include <gtest/gtest.h>

#include <bit>
#include <limits>

#include "kernels/base/error.h"
#include "kernels/ops/condition.h"
#include "tests/support/backends.h"
#include "tests/support/double_bits.h"
#include "tests/support/hard_matrices.h"

/// Every backend against the reference, bit for bit.
namespace consilience::testing {
namespace {

using kernels::Backend;
using kernels::Context;

using Views = std::vector<MatrixView<const float>>;

const Context kReference = {Backend::reference, 1};
constexpr float kNoClamp = std::numeric_limits<float>::infinity();

class Condition : public EachBackend {};

TEST_P(Condition, MeansAndScalesOfEveryShape) {
  for (const int64_t n : {1, 31, 32, 33, 127, 1000, 1024, 1025, 5000}) {
    for (const int64_t d : {1, 7, 8, 9, 16, 37}) {
      const Matrix<float> x = normal_matrix(n, d, static_cast<uint64_t>(n * 100 + d));
      for (const float clamp : {kNoClamp, 1.25F}) {
        const auto mean = kernels::column_mean(kReference, x.view(), clamp);
        const auto scales = kernels::row_scales(kReference, x.view(), clamp, mean);
        for (const int threads : {1, 2, 3}) {
          const Context context = {GetParam(), threads};
          ASSERT_EQ(bits(kernels::column_mean(context, x.view(), clamp)), bits(mean)) << n << d;
          ASSERT_EQ(bits(kernels::row_scales(context, x.view(), clamp, mean)), bits(scales))
              << n << " x " << d;
        }
      }
    }
  }
}

TEST_P(Condition, HardFeatures) {
  for (const HardCase& hard : hard_cases()) {
    const Matrix<float> x = hard.make(1100, 19);
    const Context context = {GetParam(), 2};
    const auto mean = kernels::column_mean(kReference, x.view(), kNoClamp);
    EXPECT_EQ(bits(kernels::column_mean(context, x.view(), kNoClamp)), bits(mean)) << hard.name;
    EXPECT_EQ(bits(kernels::row_scales(context, x.view(), kNoClamp, mean)),
              bits(kernels::row_scales(kReference, x.view(), kNoClamp, mean)))
        << hard.name;
    const Views layers = {x.view(), x.view().slice(3, 700)};
    for (const double q : {0.0, 0.1, 0.5, 0.95, 0.999, 1.0}) {
      EXPECT_EQ(std::bit_cast<uint32_t>(kernels::abs_quantile(context, layers, q)),
                std::bit_cast<uint32_t>(kernels::abs_quantile(kReference, layers, q)))
          << hard.name << ", q = " << q;
    }
  }
}

TEST_P(Condition, StridedViews) {
  const Matrix<float> wide = normal_matrix(1500, 40, 3);
  const MatrixView<const float> x(wide.view().data() + 5, 1500, 21, 40);
  const Context context = {GetParam(), 2};
  EXPECT_EQ(bits(kernels::column_mean(context, x, 2.0F)),
            bits(kernels::column_mean(kReference, x, 2.0F)));
  EXPECT_EQ(bits(kernels::row_scales(context, x, 2.0F, {})),
            bits(kernels::row_scales(kReference, x, 2.0F, {})));
  EXPECT_EQ(kernels::abs_quantile(context, Views{x}, 0.95),
            kernels::abs_quantile(kReference, Views{x}, 0.95));
}

TEST_P(Condition, TheFirstValueThatIsNotFiniteIsNamed) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const Context context = {GetParam(), 2};
  for (const float bad : {nan, -nan, kNoClamp, -kNoClamp}) {
    Matrix<float> x(1300, 11, std::numeric_limits<float>::max());
    EXPECT_NO_THROW(kernels::check_finite(context, x.view(), "layer 3"));
    x(1299, 0) = x(777, 10) = x(777, 4) = bad;
    try {
      kernels::check_finite(context, x.view(), "layer 3");
      ADD_FAILURE() << "accepted " << bad;
    } catch (const Error& error) {
      EXPECT_EQ(std::string(error.what()).find("layer 3: row 777, column 4 is "), 0U)
          << error.what();
      EXPECT_EQ(error.kind(), Failure::never);
    }
  }
}

TEST_P(Condition, SampleQuantiles) {
  const Matrix<float> a = normal_matrix(2100, 7, 1);
  const Matrix<float> b = normal_matrix(2100, 30, 2);
  const Views layers = {a.view(), b.view()};
  for (const double q : {0.0, 0.3, 0.95, 1.0}) {
    EXPECT_EQ(kernels::mean_sample_quantile({GetParam(), 2}, layers, q),
              kernels::mean_sample_quantile(kReference, layers, q));
  }
}

INSTANTIATE_TEST_SUITE_P(Backends, Condition, ::testing::ValuesIn(backends_under_test()),
                         name_of_backend);

}  // namespace
}  // namespace consilience::testing
