#include <gtest/gtest.h>

#include "kernels/ops/resize.h"
#include "tests/support/backends.h"
#include "tests/support/random_matrix.h"
#include "tests/support/random_pictures.h"

/// Every backend against the reference, byte for byte.
namespace consilience::testing {
namespace {

using kernels::Backend;

std::vector<uint8_t> resized(Backend backend, kernels::ConstPicture in, kernels::Resampling how,
                             int width, int height) {
  std::vector<uint8_t> out(static_cast<size_t>(3 * width * height), 0xA5);
  kernels::resize({backend, 1}, in, how, {out.data(), width, height});
  return out;
}

class Resize : public EachBackend {};
INSTANTIATE_TEST_SUITE_P(Backends, Resize, ::testing::ValuesIn(backends_under_test()),
                         name_of_backend);

TEST_P(Resize, RandomSizes) {
  Draws draws(5);
  for (int trial = 0; trial < 120; ++trial) {
    const int width = 1 + draws.below(90);
    const int height = 1 + draws.below(90);
    const int new_width = trial % 5 == 0 ? width : 1 + draws.below(90);
    const int new_height = trial % 7 == 0 ? height : 1 + draws.below(90);
    std::vector<uint8_t> pixels(static_cast<size_t>(3 * width * height));
    for (uint8_t& byte : pixels) byte = static_cast<uint8_t>(draws.below(256));
    for (const kernels::Resampling how : every_resampling()) {
      const kernels::ConstPicture in = {pixels.data(), width, height};
      ASSERT_EQ(resized(GetParam(), in, how, new_width, new_height),
                resized(Backend::reference, in, how, new_width, new_height))
          << width << " x " << height << " to " << new_width << " x " << new_height;
    }
  }
}

}  // namespace
}  // namespace consilience::testing
