#include "tests/support/backends.h"

namespace consilience::testing {

std::vector<kernels::Backend> backends_under_test() {
  return {kernels::Backend::cpu, kernels::Backend::cuda};
}

std::string name_of_backend(const ::testing::TestParamInfo<kernels::Backend>& backend) {
  return backend.param == kernels::Backend::cpu ? "cpu" : "cuda";
}

}  // namespace consilience::testing
