#pragma once
#include <cstdint>
#include <vector>

#include "kernels/ops/resize.h"

/// Pillow's resampling rule (libImaging/Resample.c), shared by every backend.
namespace consilience::kernels {

inline constexpr int kWeightBits = 32 - 8 - 2;

/// For each output position: the first input position, how many, and their 22-bit weights.
struct ResizeWeights {
  int taps = 0;                  // room per position
  std::vector<int32_t> first;    // [size_out]
  std::vector<int32_t> count;    // [size_out], <= taps
  std::vector<int32_t> weights;  // [size_out, taps], zero beyond count
};

ResizeWeights resize_weights(int size_in, int size_out, Filter filter);

/// Which pass comes first. Pillow up to 12 always starts with the horizontal one; 13.0.0, whose
/// bytes these are, starts with the vertical one where that takes away more than twice as many rows
/// as the horizontal one takes away columns (found by trying 3,600 sizes; none disagrees).
constexpr bool vertical_first(ConstPicture in, MutablePicture out) {
  const int fewer_rows = in.height - out.height;
  return fewer_rows > 0 && fewer_rows > 2 * (in.width - out.width);
}

/// The 8-bit value of a weighted sum that started at half a unit.
constexpr uint8_t to_byte(int32_t sum) {
  const int32_t value = sum >> kWeightBits;
  return static_cast<uint8_t>(value < 0 ? 0 : (value > 255 ? 255 : value));
}

inline constexpr int32_t kHalfUnit = 1 << (kWeightBits - 1);

}  // namespace consilience::kernels
