#include <gtest/gtest.h>

#include "tests/support/backends.h"
#include "tests/support/golden_pictures.h"

namespace consilience::testing {
namespace {

class GoldenResize : public EachBackend {};

TEST_P(GoldenResize, EveryByteIsPillows) {
  expect_golden_pictures(GetParam(), kernels::Implementation::pil_exact);
}

TEST_P(GoldenResize, EveryByteIsTorchs) {
  expect_golden_pictures(GetParam(), kernels::Implementation::torch_uint8_aa);
}

INSTANTIATE_TEST_SUITE_P(All, GoldenResize, ::testing::ValuesIn(backends_under_test()),
                         name_of_backend);

}  // namespace
}  // namespace consilience::testing
