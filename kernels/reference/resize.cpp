#include <algorithm>

#include "kernels/base/resize_weights.h"
#include "kernels/ops/backends.h"

namespace consilience::kernels::reference {
namespace {

/// Where the pixels of the lines along one direction stand; steps in bytes.
struct Layout {
  int64_t line_step;
  int64_t pixel_step;
};

/// `lines` lines of `size_in` pixels become lines of `size_out` pixels.
void pass(const uint8_t* in, Layout from, int lines, int size_in, Resampling how, uint8_t* out,
          Layout to, int size_out) {
  const ResizeWeights table = resize_weights(size_in, size_out, how);
  for (int line = 0; line < lines; ++line) {
    for (int x = 0; x < size_out; ++x) {
      for (int channel = 0; channel < 3; ++channel) {
        const auto at = static_cast<size_t>(x);
        int32_t sum = half_unit(table.bits);
        for (int t = 0; t < table.count[at]; ++t) {
          const int64_t pixel = table.first[at] + t;
          sum += in[line * from.line_step + pixel * from.pixel_step + channel] *
                 table.weights[at * static_cast<size_t>(table.taps) + static_cast<size_t>(t)];
        }
        out[line * to.line_step + x * to.pixel_step + channel] = to_byte(sum, table.bits);
      }
    }
  }
}

struct Image {
  std::vector<uint8_t> bytes;
  int width;
  int height;
};

Image blank(int width, int height) {
  return {std::vector<uint8_t>(static_cast<size_t>(3) * static_cast<size_t>(width) *
                               static_cast<size_t>(height)),
          width, height};
}

Image with_width(const Image& in, int width, Resampling how) {
  if (in.width == width) return in;  // a pass that changes nothing is left out
  Image out = blank(width, in.height);
  pass(in.bytes.data(), {int64_t{3} * in.width, 3}, in.height, in.width, how, out.bytes.data(),
       {int64_t{3} * width, 3}, width);
  return out;
}

Image with_height(const Image& in, int height, Resampling how) {
  if (in.height == height) return in;
  Image out = blank(in.width, height);
  const Layout columns = {3, int64_t{3} * in.width};
  pass(in.bytes.data(), columns, in.width, in.height, how, out.bytes.data(), columns, height);
  return out;
}

}  // namespace

void resize(const Context&, ConstPicture in, Resampling how, MutablePicture out) {
  Image image = blank(in.width, in.height);
  std::copy_n(in.data, image.bytes.size(), image.bytes.data());
  image = vertical_first(how.implementation, in, out)
              ? with_width(with_height(image, out.height, how), out.width, how)
              : with_height(with_width(image, out.width, how), out.height, how);
  std::ranges::copy(image.bytes, out.data);
}

}  // namespace consilience::kernels::reference
