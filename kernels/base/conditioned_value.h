#pragma once

namespace consilience::kernels {

/// x cut to [-clamp, clamp].
constexpr float clamped(float x, float clamp) {
  return x < -clamp ? -clamp : (x > clamp ? clamp : x);
}

/// v = double(clamp(x)) - mean: one rounding (numerics, section 1).
constexpr double conditioned(float x, float clamp, double mean) {
  return static_cast<double>(clamped(x, clamp)) - mean;
}

}  // namespace consilience::kernels
