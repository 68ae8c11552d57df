#pragma once
#include <cstdint>

namespace consilience::kernels::cuda::device {

/// Features on the device with their conditioning: row i is x + i * stride.
struct DeviceSide {
  const float* x;
  int64_t stride;
  float clamp;
  const double* mean;   // [d]; never null: zeros where nothing is centred
  const double* scale;  // [n]; null: all 1
};

}  // namespace consilience::kernels::cuda::device
