#pragma once
#include <gtest/gtest.h>

#include <cstdlib>
#include <string_view>

#include "kernels/base/devices.h"

/// Leaves a test that needs a GPU: skipped where there is none, failed where REQUIRE_GPU=1 says
/// that there must be one.
#define CONSILIENCE_REQUIRE_GPU()                                                 \
  do {                                                                            \
    if (consilience::kernels::cuda_device_count() == 0) {                         \
      const char* required = std::getenv("REQUIRE_GPU");                          \
      if (required != nullptr && std::string_view(required) == "1") {             \
        FAIL() << "REQUIRE_GPU=1, but this build sees no CUDA device";            \
      }                                                                           \
      GTEST_SKIP() << "no CUDA device: nothing was tested (REQUIRE_GPU=1 fails)"; \
    }                                                                             \
  } while (false)
