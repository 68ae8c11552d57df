#pragma once
#include <cstdint>
#include <vector>

/// Passes over rows of features at the speed of memory.
namespace consilience::kernels::cpu {

/// The largest |x| of a row, as its bits: |x| sorts like them, infinity and NaN last.
uint32_t largest_magnitude(const float* row, int64_t d);

/// sums [d] += clamp(x) of `rows` rows, `stride` apart, one after the other.
void add_clamped_rows(const float* x, int64_t rows, int64_t stride, int64_t d, float clamp,
                      double* sums);

/// What a window of magnitudes [low, high) leaves open.
struct Window {
  uint32_t low = 0, high = 0;    // bits of |x|
  int64_t below = 0, lows = 0;   // values below it, and equal to `low`
  std::vector<uint32_t> inside;  // those above `low` and below `high`, in any order
};

/// Adds a row's values to the window.
void add_to_window(const float* row, int64_t d, Window& window);

}  // namespace consilience::kernels::cpu
