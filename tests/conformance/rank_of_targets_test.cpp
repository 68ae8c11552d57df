#include <gtest/gtest.h>
#include <hwy/targets.h>

#include <limits>

#include "kernels/ops/condition.h"
#include "tests/support/rank_columns.h"

/// The cpu backend on every instruction set that this machine can run.
namespace consilience::testing {
namespace {

using kernels::Backend;
using kernels::Conditioned;
using kernels::RankParams;
using kernels::Similarity;

const kernels::Context kReference = {Backend::reference, 1};

void expect_conforms(const Conditioned& queries, const Conditioned& gallery,
                     const RankParams& params) {
  const auto columns = every_column(queries.x.rows(), gallery.x.rows());
  EXPECT_EQ(ranks({Backend::cpu, 2}, queries, gallery, params, columns).values(),
            ranks(kReference, queries, gallery, params, columns).values());
}

/// Clamped or not, centred or not.
TEST(RankTargets, OfEveryConditioning) {
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

}  // namespace
}  // namespace consilience::testing
