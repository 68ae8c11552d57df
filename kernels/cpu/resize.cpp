#include <algorithm>

#include "kernels/base/resize_weights.h"
#include "kernels/ops/backends.h"

namespace consilience::kernels::cpu {
namespace {

void horizontal(ConstPicture in, const ResizeWeights& table, MutablePicture out) {
  const int bits = table.bits;
  const int32_t half = half_unit(bits);
  for (int y = 0; y < in.height; ++y) {
    const uint8_t* row = in.data + int64_t{3} * in.width * y;
    uint8_t* to = out.data + int64_t{3} * out.width * y;
    for (int x = 0; x < out.width; ++x) {
      const auto at = static_cast<size_t>(x);
      const uint8_t* pixel = row + int64_t{3} * table.first[at];
      const int32_t* weight = table.weights.data() + int64_t{x} * table.taps;
      int32_t sum[3] = {half, half, half};
      for (int t = 0; t < table.count[at]; ++t) {
        for (int c = 0; c < 3; ++c) sum[c] += pixel[3 * t + c] * weight[t];
      }
      for (int c = 0; c < 3; ++c) to[3 * x + c] = to_byte(sum[c], bits);
    }
  }
}

/// Row by row, so that the inner loop runs along memory.
void vertical(ConstPicture in, const ResizeWeights& table, MutablePicture out) {
  const int bits = table.bits;
  const int64_t bytes = int64_t{3} * in.width;
  std::vector<int32_t> sum(static_cast<size_t>(bytes));
  for (int y = 0; y < out.height; ++y) {
    const auto at = static_cast<size_t>(y);
    const int32_t* weight = table.weights.data() + int64_t{y} * table.taps;
    std::fill(sum.begin(), sum.end(), half_unit(bits));
    for (int t = 0; t < table.count[at]; ++t) {
      const uint8_t* row = in.data + bytes * (table.first[at] + t);
      for (int64_t b = 0; b < bytes; ++b) sum[static_cast<size_t>(b)] += row[b] * weight[t];
    }
    std::transform(sum.begin(), sum.end(), out.data + bytes * y,
                   [bits](int32_t value) { return to_byte(value, bits); });
  }
}

size_t bytes_of(int width, int height) {
  return static_cast<size_t>(3) * static_cast<size_t>(width) * static_cast<size_t>(height);
}

}  // namespace

void resize(const Context&, ConstPicture in, Resampling how, MutablePicture out) {
  const bool wide = in.width != out.width;  // a pass that changes nothing is left out
  const bool high = in.height != out.height;
  if (!wide && !high) {
    std::copy_n(in.data, bytes_of(in.width, in.height), out.data);
    return;
  }
  const auto change_width = [&](ConstPicture from, MutablePicture to) {
    horizontal(from, resize_weights(from.width, to.width, how), to);
  };
  const auto change_height = [&](ConstPicture from, MutablePicture to) {
    vertical(from, resize_weights(from.height, to.height, how), to);
  };
  if (!high) return change_width(in, out);
  if (!wide) return change_height(in, out);
  const bool down = vertical_first(how.implementation, in, out);
  const int width = down ? in.width : out.width;
  const int height = down ? out.height : in.height;
  std::vector<uint8_t> between(bytes_of(width, height));
  if (down) {
    change_height(in, {between.data(), width, height});
    change_width({between.data(), width, height}, out);
  } else {
    change_width(in, {between.data(), width, height});
    change_height({between.data(), width, height}, out);
  }
}

}  // namespace consilience::kernels::cpu
