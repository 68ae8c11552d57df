#include <gtest/gtest.h>

#include "tests/support/backends.h"
#include "tests/support/golden_lists.h"

namespace consilience::testing {
namespace {

class GoldenNeighbors : public EachBackend {};

TEST_P(GoldenNeighbors, ListsAreReproducedExactly) {
  for (const std::string& side : golden_sides()) expect_golden_lists(GetParam(), side);
}

INSTANTIATE_TEST_SUITE_P(All, GoldenNeighbors, ::testing::ValuesIn(backends_under_test()),
                         name_of_backend);

}  // namespace
}  // namespace consilience::testing
