#include <algorithm>

#include "kernels/base/resize_weights.h"
#include "kernels/ops/backends.h"

namespace consilience::kernels::reference {
namespace {

/// One pass: `lines` lines of `size_in` pixels become lines of `size_out`; steps are in bytes.
struct Line {
  int64_t line_step;
  int64_t pixel_step;
};

void pass(const uint8_t* in, Line from, int lines, int size_in, Filter filter, uint8_t* out,
          Line to, int size_out) {
  const ResizeWeights table = resize_weights(size_in, size_out, filter);
  for (int line = 0; line < lines; ++line) {
    for (int x = 0; x < size_out; ++x) {
      for (int channel = 0; channel < 3; ++channel) {
        const auto at = static_cast<size_t>(x);
        int32_t sum = kHalfUnit;
        for (int t = 0; t < table.count[at]; ++t) {
          const int64_t pixel = table.first[at] + t;
          sum += in[line * from.line_step + pixel * from.pixel_step + channel] *
                 table.weights[at * static_cast<size_t>(table.taps) + static_cast<size_t>(t)];
        }
        out[line * to.line_step + x * to.pixel_step + channel] = to_byte(sum);
      }
    }
  }
}

}  // namespace

void resize(const Context&, ConstPicture in, Filter filter, MutablePicture out) {
  std::vector<uint8_t> wide(in.data, in.data + int64_t{3} * in.width * in.height);
  if (in.width != out.width) {  // Pillow leaves out a pass that changes nothing
    wide.resize(static_cast<size_t>(3) * static_cast<size_t>(out.width) *
                static_cast<size_t>(in.height));
    pass(in.data, {int64_t{3} * in.width, 3}, in.height, in.width, filter, wide.data(),
         {int64_t{3} * out.width, 3}, out.width);
  }
  if (in.height == out.height) {
    std::copy(wide.begin(), wide.end(), out.data);
    return;
  }
  const Line columns = {3, int64_t{3} * out.width};
  pass(wide.data(), columns, out.width, in.height, filter, out.data, columns, out.height);
}

}  // namespace consilience::kernels::reference
