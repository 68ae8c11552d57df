#include <gmock/gmock.h>

#include "engine/open_study.h"
#include "kernels/base/devices.h"
#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

using ::testing::HasSubstr;

TEST(NumericsClass, OfACpuNamesInstructionsAndBatches) {
  Study study;
  const Json usual = numerics_class(study, {});
  EXPECT_EQ(usual.at("device"), "cpu");
  EXPECT_EQ(usual.at("batching"), describe(BatchPolicy{}));
  EXPECT_TRUE(usual.contains("isa"));
  study.features.pictures = 64;
  study.features.tokens = 8192;
  EXPECT_EQ(numerics_class(study, {}).at("batching"),
            "pictures=64,tokens=8192,audio_samples=320000");
}

TEST(NumericsClass, OfAGpuNamesItAndLeavesTheBatchOpenUnlessItIsGiven) {
  Study study;
  const kernels::Context first = kernels::parse_device("cuda");
  if (kernels::cuda_device_count() == 0) {
    EXPECT_THROW((void)numerics_class(study, first), Error);
    GTEST_SKIP() << "no device";
  }
  const Json open = numerics_class(study, first);
  EXPECT_EQ(open.at("device"), "cuda");
  EXPECT_EQ(open.at("gpu"), kernels::describe_cuda().devices[0].name);
  EXPECT_EQ(open.at("batching"), "auto");
  study.features.pictures = 64;
  study.features.tokens = 8192;
  EXPECT_EQ(numerics_class(study, first).at("batching"),
            "pictures=64,tokens=8192,audio_samples=320000");
}

TEST(NumericsClass, AnotherMachinesStudyIsRefused) {
  const Study study;
  Json planned = numerics_class(study, {});
  EXPECT_NO_THROW(expect_numerics_class(study, planned, {}));
  planned["device"] = "cuda";
  try {
    expect_numerics_class(study, planned, {});
    FAIL() << "went through";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), Failure::never);
    EXPECT_THAT(error.what(), HasSubstr("this study's features were planned for"));
  }
}

}  // namespace
}  // namespace consilience::engine
