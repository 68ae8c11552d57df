#include "kernels/base/devices.h"

#include <gmock/gmock.h>

#include "kernels/base/error.h"

namespace consilience::kernels {
namespace {

using testing::HasSubstr;

TEST(Devices, WordsNameABackendAndItsDevices) {
  EXPECT_EQ(parse_device("cpu").backend, Backend::cpu);
  struct Case {
    const char* words;
    int first, count;
  };
  for (const Case& c : {Case{"cuda", 0, 1},
                        {"cuda:0", 0, 1},
                        {"cuda:3", 3, 1},
                        {"cuda:0-3", 0, 4},
                        {"cuda:2-2", 2, 1},
                        {"cuda:all", 0, 0}}) {
    const Context context = parse_device(c.words);
    EXPECT_EQ(context.backend, Backend::cuda) << c.words;
    EXPECT_EQ(context.first_device, c.first) << c.words;
    EXPECT_EQ(context.devices, c.count) << c.words;
  }
}

TEST(Devices, OtherWordsAreRefused) {
  for (const char* words : {"", "gpu", "CUDA", "cuda:", "cuda:-1", "cuda:+1", "cuda:1-", "cuda:-",
                            "cuda:3-1", "cuda:0--0", "cuda:1,2", "cuda:x", "cuda:1x", "cuda: 1",
                            "cuda:0-99999", "cuda:99999999999999999999", "cpu:0", "cuda0"}) {
    try {
      (void)parse_device(words);
      FAIL() << "took " << words;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), Failure::usage);
      EXPECT_THAT(error.what(), HasSubstr(fmt::format("device {}: expected cpu, cuda", words)));
    }
  }
}

TEST(Devices, TheCpuIsAlwaysThere) { EXPECT_NO_THROW(require_devices(parse_device("cpu"))); }

TEST(Devices, ADeviceThatIsNotThereIsRefusedByOneLine) {
  try {
    require_devices(parse_device("cuda:4000"));
    FAIL() << "took device 4000";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), Failure::never);
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
    EXPECT_THAT(error.what(), HasSubstr("CUDA: "));
  }
}

TEST(Devices, TheDescriptionAgreesWithTheCount) {
  const CudaInstallation found = describe_cuda();
  EXPECT_EQ(std::ssize(found.devices), cuda_device_count());
  EXPECT_EQ(found.devices.empty(), !found.problem.empty());
  EXPECT_EQ(found.runtime > 0, built_with_cuda());
  for (const CudaDevice& device : found.devices) {
    EXPECT_FALSE(device.name.empty());
    EXPECT_GT(device.memory_bytes, 0);
    EXPECT_GE(device.major, 1);
  }
}

TEST(Devices, VersionsAreWrittenAsPeopleDo) {
  EXPECT_EQ(cuda_version_text(13000), "13.0");
  EXPECT_EQ(cuda_version_text(12080), "12.8");
  EXPECT_EQ(minimum_driver_release(13020), 580);
  EXPECT_EQ(minimum_driver_release(12080), 525);
}

TEST(Devices, TheDriversReleaseIsFoundInItsFile) {
  EXPECT_EQ(
      driver_release("NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.161.08  Sat Feb 24\n"
                     "GCC version:  gcc version 11.4.0\n"),
      "535.161.08");
  EXPECT_EQ(driver_release("NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.65.06  "
                           "Release Build  (root)\n"),
            "580.65.06");
  EXPECT_EQ(driver_release(""), "");
  EXPECT_EQ(driver_release("no version here 11.4.0\n"), "");
}

}  // namespace
}  // namespace consilience::kernels
