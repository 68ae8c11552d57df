#include <gtest/gtest.h>

#include "tests/support/golden_lists.h"
#include "tests/support/golden_pictures.h"
#include "tests/support/instruction_sets.h"

/// What defines right, and the cpu on every instruction set, give the golden answers too.
namespace consilience::testing {
namespace {

using kernels::Backend;

TEST(GoldenReference, Neighbors) {
  for (const std::string& side : golden_sides()) expect_golden_lists(Backend::reference, side);
}

TEST(GoldenReference, Resize) {
  expect_golden_pictures(Backend::reference, kernels::Implementation::pil_exact);
  expect_golden_pictures(Backend::reference, kernels::Implementation::torch_uint8_aa);
}

class GoldenTargets : public OnInstructionSet {};

TEST_P(GoldenTargets, ListsAreReproducedExactly) {
  for (const std::string& side : golden_sides()) expect_golden_lists(Backend::cpu, side);
}

INSTANTIATE_TEST_SUITE_P(Machine, GoldenTargets, ::testing::ValuesIn(instruction_sets()),
                         name_of_set);

}  // namespace
}  // namespace consilience::testing
