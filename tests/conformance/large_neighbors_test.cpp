#include <gtest/gtest.h>

#include "tests/support/neighbor_lists.h"
#include "tests/support/random_matrix.h"
#include "tests/support/require_gpu.h"

/// More rows than a tile of a real device holds (about 2,200 a side), against the cpu backend.
namespace consilience::testing {
namespace {

using kernels::Backend;

TEST(LargeNeighbors, ManyTilesOfARealDevice) {
  CONSILIENCE_REQUIRE_GPU();
  const Features features = centred_l2_rows(normal_matrix(9000, 64, 31), 2.0F);
  const auto self = self_rows(9000);
  kernels::NeighborParams params;
  params.k = 20;
  params.self = self;
  expect_same(find_neighbors({Backend::cuda, 0}, features.view(), features.view(), params),
              find_neighbors({Backend::cpu, 0}, features.view(), features.view(), params));
}

}  // namespace
}  // namespace consilience::testing
