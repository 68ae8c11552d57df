#pragma once
#include <cstdint>
#include <vector>

#include "kernels/ops/resize.h"

/// The resampling rule of Pillow (libImaging/Resample.c) and of torch's uint8 pictures
/// (ATen/native/cpu/UpSampleKernel.cpp), shared by every backend. Both take the same weights in
/// double; they round them to integers of different sizes.
namespace consilience::kernels {

/// For each output position: the first input position, how many, and their weights.
struct ResizeWeights {
  int bits = 0;                  // a weight is an integer over 2^bits
  int taps = 0;                  // room per position
  std::vector<int32_t> first;    // [size_out]
  std::vector<int32_t> count;    // [size_out], <= taps
  std::vector<int32_t> weights;  // [size_out, taps], zero beyond count
};

ResizeWeights resize_weights(int size_in, int size_out, Resampling how);

/// Which pass comes first. torch always starts with the horizontal one. Pillow up to 12 always
/// starts with the horizontal one; 13.0.0, whose bytes these are, starts with the vertical one
/// where that takes away more than twice as many rows as the horizontal one takes away columns
/// (found by trying 3,600 sizes; none disagrees).
constexpr bool vertical_first(Implementation implementation, ConstPicture in, MutablePicture out) {
  if (implementation == Implementation::torch_uint8_aa) return false;
  const int fewer_rows = in.height - out.height;
  return fewer_rows > 0 && fewer_rows > 2 * (in.width - out.width);
}

/// The 8-bit value of a weighted sum that started at half a unit.
constexpr uint8_t to_byte(int32_t sum, int bits) {
  const int32_t value = sum >> bits;
  return static_cast<uint8_t>(value < 0 ? 0 : (value > 255 ? 255 : value));
}

constexpr int32_t half_unit(int bits) { return 1 << (bits - 1); }

}  // namespace consilience::kernels
