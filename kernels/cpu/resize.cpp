#include <algorithm>

#include "kernels/base/resize_weights.h"
#include "kernels/ops/backends.h"

namespace consilience::kernels::cpu {
namespace {

void horizontal(ConstPicture in, const ResizeWeights& table, MutablePicture out) {
  for (int y = 0; y < in.height; ++y) {
    const uint8_t* row = in.data + int64_t{3} * in.width * y;
    uint8_t* to = out.data + int64_t{3} * out.width * y;
    for (int x = 0; x < out.width; ++x) {
      const auto at = static_cast<size_t>(x);
      const uint8_t* pixel = row + int64_t{3} * table.first[at];
      const int32_t* weight = table.weights.data() + int64_t{x} * table.taps;
      int32_t sum[3] = {kHalfUnit, kHalfUnit, kHalfUnit};
      for (int t = 0; t < table.count[at]; ++t) {
        for (int c = 0; c < 3; ++c) sum[c] += pixel[3 * t + c] * weight[t];
      }
      for (int c = 0; c < 3; ++c) to[3 * x + c] = to_byte(sum[c]);
    }
  }
}

/// Row by row, so that the inner loop runs along memory.
void vertical(ConstPicture in, const ResizeWeights& table, MutablePicture out) {
  const int64_t bytes = int64_t{3} * in.width;
  std::vector<int32_t> sum(static_cast<size_t>(bytes));
  for (int y = 0; y < out.height; ++y) {
    const auto at = static_cast<size_t>(y);
    const int32_t* weight = table.weights.data() + int64_t{y} * table.taps;
    std::fill(sum.begin(), sum.end(), kHalfUnit);
    for (int t = 0; t < table.count[at]; ++t) {
      const uint8_t* row = in.data + bytes * (table.first[at] + t);
      for (int64_t b = 0; b < bytes; ++b) sum[static_cast<size_t>(b)] += row[b] * weight[t];
    }
    std::transform(sum.begin(), sum.end(), out.data + bytes * y, to_byte);
  }
}

}  // namespace

void resize(const Context&, ConstPicture in, Filter filter, MutablePicture out) {
  std::vector<uint8_t> wide;
  if (in.width != out.width) {  // Pillow leaves out a pass that changes nothing
    wide.resize(static_cast<size_t>(3) * static_cast<size_t>(out.width) *
                static_cast<size_t>(in.height));
    const MutablePicture narrow = {wide.data(), out.width, in.height};
    horizontal(in, resize_weights(in.width, out.width, filter), narrow);
    in = {wide.data(), out.width, in.height};
  }
  if (in.height == out.height) {
    std::copy(in.data, in.data + int64_t{3} * in.width * in.height, out.data);
    return;
  }
  vertical(in, resize_weights(in.height, out.height, filter), out);
}

}  // namespace consilience::kernels::cpu
