#include <gtest/gtest.h>
#include <hwy/targets.h>

#include <bit>
#include <cmath>
#include <limits>

#include "kernels/base/error.h"
#include "kernels/ops/condition.h"
#include "tests/support/double_bits.h"
#include "tests/support/random_matrix.h"

/// The passes of the cpu backend, on every instruction set and on what its selection samples.
namespace consilience::testing {
namespace {

using kernels::Backend;
using kernels::Context;

using Views = std::vector<MatrixView<const float>>;

const Context kReference = {Backend::reference, 1};
constexpr float kNoClamp = std::numeric_limits<float>::infinity();

constexpr double kQuantiles[] = {0.0, 0.001, 0.3, 0.5, 0.95, 0.9999, 1.0};

void expect_quantiles(const Context& context, const Views& layers) {
  for (const double q : kQuantiles) {
    EXPECT_EQ(std::bit_cast<uint32_t>(kernels::abs_quantile(context, layers, q)),
              std::bit_cast<uint32_t>(kernels::abs_quantile(kReference, layers, q)))
        << "q = " << q;
  }
}

/// On every instruction set that this machine can run.
TEST(ConditionTargets, EveryPassConforms) {
  const Matrix<float> x = normal_matrix(301, 131, 5);  // more values than are all kept
  for (const int64_t target : hwy::SupportedAndGeneratedTargets()) {
    hwy::SetSupportedTargetsForTest(target);
    SCOPED_TRACE(hwy::TargetName(target));
    const Context context = {Backend::cpu, 2};
    for (const float clamp : {kNoClamp, 1.25F}) {
      const auto mean = kernels::column_mean(kReference, x.view(), clamp);
      EXPECT_EQ(bits(kernels::column_mean(context, x.view(), clamp)), bits(mean));
      for (const auto& m : {std::vector<double>(), mean})
        EXPECT_EQ(bits(kernels::row_scales(context, x.view(), clamp, m)),
                  bits(kernels::row_scales(kReference, x.view(), clamp, m)));
    }
    expect_quantiles(context, {x.view()});
    Matrix<float> bad = x;
    for (const int64_t column : {130, 127, 64, 0}) {
      bad(300, column) = -kNoClamp;
      try {
        kernels::check_finite(context, bad.view(), "x");
        ADD_FAILURE() << "accepted infinity in column " << column;
      } catch (const Error& error) {
        EXPECT_EQ(std::string(error.what()).find(fmt::format("x: row 300, column {} ", column)), 0U)
            << error.what();
      }
    }
  }
  hwy::SetSupportedTargetsForTest(0);
}

TEST(AbsQuantile, OfManyValuesOfFewKinds) {
  Draws draws(9);
  Matrix<float> x(500, 70);
  for (float& value : x.values()) {
    constexpr float kKinds[] = {0.0F, -0.0F, 0.0F, 1.0F, -1.0F, 3.0F};
    value = kKinds[draws.below(6)];
  }
  expect_quantiles({Backend::cpu, 2}, {x.view()});
}

/// What a sample of every fourth value or so sees is not like the rest.
TEST(AbsQuantile, OfValuesThatASampleMisses) {
  Matrix<float> x = normal_matrix(129, 128, 3);
  uint64_t turn = 0;
  for (int64_t i = 0; i < x.rows(); ++i) {
    turn += 0x9E3779B97F4A7C15;
    for (int64_t f = 0; f < x.cols(); ++f) {
      const bool seen = f % 4 == static_cast<int64_t>((turn >> 32) * 4 >> 32);
      x(i, f) = seen ? 1.0F : 2.0F + std::fabs(x(i, f));
    }
  }
  for (const int threads : {1, 2}) expect_quantiles({Backend::cpu, threads}, {x.view()});
}

}  // namespace
}  // namespace consilience::testing
