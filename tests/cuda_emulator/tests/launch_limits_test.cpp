#include "kernels/base/devices.h"
#include "kernels/base/error.h"
#include "kernels/cuda/devices.h"
#include "tests/cuda_emulator/tests/emulated.h"

namespace consilience::cuda_emulator {
namespace {

using ::testing::HasSubstr;

class LaunchLimits : public Emulator {};

__global__ void nothing() {}

TEST_F(LaunchLimits, AreThoseOfADevice) {
  const Stream stream;
  const auto starts = [&](dim3 grid, dim3 block, size_t shared) {
    try {
      launch(nothing, grid, block, shared, stream.get());
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr("cudaErrorInvalidConfiguration"));
      return false;
    }
    return true;
  };
  EXPECT_TRUE(starts(1, 1024, 0));
  EXPECT_TRUE(starts({1, 65535, 1}, 1, 0));
  EXPECT_TRUE(starts({1, 1, 1}, {8, 8, 16}, 0));
  EXPECT_FALSE(starts(1, 1025, 0));
  EXPECT_FALSE(starts(1, {32, 33, 1}, 0));
  EXPECT_FALSE(starts(1, {1, 1, 65}, 0));
  EXPECT_FALSE(starts({1, 65536, 1}, 1, 0));
  EXPECT_FALSE(starts({1, 1, 65536}, 1, 0));
  EXPECT_FALSE(starts(0U, 32, 0));
  EXPECT_FALSE(starts(1, 0U, 0));
  EXPECT_FALSE(starts(1, 32, 1));  // dynamic shared memory cannot be declared
  stream.synchronize();
}

TEST_F(LaunchLimits, NoDriverAndAnOldOne) {
  const auto message = [] {
    try {
      static_cast<void>(kernels::cuda::devices_of({}));
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_EQ(kernels::cuda_device_count(), 1);
  set_driver(Driver::none);
  EXPECT_THAT(message(), HasSubstr("no driver is installed"));
  EXPECT_EQ(kernels::cuda_device_count(), 0);
  set_driver(Driver::old);
  EXPECT_THAT(message(), HasSubstr("the driver serves CUDA 12.9, expected 13.0 or newer"));
  set_driver(Driver::good);
  set_devices(0);
  EXPECT_THAT(message(), HasSubstr("no device can be used"));
  set_devices(3);
  EXPECT_EQ(kernels::cuda_device_count(), 3);
}

}  // namespace
}  // namespace consilience::cuda_emulator
