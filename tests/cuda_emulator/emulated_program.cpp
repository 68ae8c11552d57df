#include <gtest/gtest.h>

#include "tests/cuda_emulator/control.h"
#include "tests/support/backends.h"

/// What a test program is whose CUDA is emulated: one backend, and no test may leave anything
/// behind.
namespace consilience::testing {

std::vector<kernels::Backend> backends_under_test() { return {kernels::Backend::cuda}; }

std::string name_of_backend(const ::testing::TestParamInfo<kernels::Backend>&) {
  return "cuda_emulated";
}

namespace {

class NothingIsLeft : public ::testing::EmptyTestEventListener {
  void OnTestEnd(const ::testing::TestInfo&) override {
    for (const std::string& fault : cuda_emulator::untold_faults()) ADD_FAILURE() << fault;
    for (const std::string& leak : cuda_emulator::leaks()) ADD_FAILURE() << "left behind: " << leak;
  }
};

const bool kListens = [] {
  ::testing::UnitTest::GetInstance()->listeners().Append(new NothingIsLeft);
  return true;
}();

}  // namespace
}  // namespace consilience::testing
