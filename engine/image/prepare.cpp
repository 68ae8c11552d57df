#include "engine/image/prepare.h"

#include <algorithm>
#include <cmath>

#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

/// int(side * long / short), in double as Python does.
int long_side(int side, int longer, int shorter) {
  return static_cast<int>(static_cast<double>(int64_t{side} * longer) / shorter);
}

int crop_start(int size, int crop) { return static_cast<int>(std::nearbyint((size - crop) / 2.0)); }

Picture resize_short_side(const Picture& in, const PictureRecipe& recipe) {
  const int side = recipe.short_side;
  Picture out;
  const bool portrait = in.width <= in.height;
  out.width = portrait ? side : long_side(side, in.width, in.height);
  out.height = portrait ? long_side(side, in.height, in.width) : side;
  expect(int64_t{out.width} * out.height <= DecodeOptions{}.max_pixels,
         "resize: a picture of {} x {} pixels would become {} x {}", in.width, in.height, out.width,
         out.height);
  out.rgb.resize(static_cast<size_t>(out.width) * static_cast<size_t>(out.height) * 3);
  kernels::Context context;
  context.threads = 1;  // many pictures are prepared at once
  kernels::resize(context, {in.rgb.data(), in.width, in.height}, recipe.filter,
                  {out.rgb.data(), out.width, out.height});
  return out;
}

}  // namespace

Picture resize_and_crop(const Picture& picture, const PictureRecipe& recipe) {
  expect(recipe.crop > 0 && recipe.crop <= recipe.short_side,
         "prepare: expected 0 < crop <= short side, found crop {} and short side {}", recipe.crop,
         recipe.short_side);
  const bool fits = std::min(picture.width, picture.height) == recipe.short_side;
  const Picture resized = fits ? picture : resize_short_side(picture, recipe);
  const int left = crop_start(resized.width, recipe.crop);
  const int top = crop_start(resized.height, recipe.crop);
  Picture cropped{recipe.crop, recipe.crop, {}};
  const size_t bytes = static_cast<size_t>(recipe.crop) * 3;
  cropped.rgb.reserve(bytes * static_cast<size_t>(recipe.crop));
  for (int y = 0; y < recipe.crop; ++y) {
    const uint8_t* row =
        resized.rgb.data() + (static_cast<size_t>(top + y) * static_cast<size_t>(resized.width) +
                              static_cast<size_t>(left)) *
                                 3;
    cropped.rgb.insert(cropped.rgb.end(), row, row + bytes);
  }
  return cropped;
}

void normalise(const Picture& cropped, const PictureRecipe& recipe, std::span<float> out) {
  const size_t plane = cropped.rgb.size() / 3;
  expect(out.size() == plane * 3, "normalise: expected room for {} values, found {}", plane * 3,
         out.size());
  for (size_t c = 0; c < 3; ++c) {
    std::array<float, 256> table{};
    for (size_t v = 0; v < table.size(); ++v)
      table[v] = (static_cast<float>(v) / 255.0F - recipe.mean[c]) / recipe.std[c];
    float* channel = out.data() + c * plane;
    for (size_t i = 0; i < plane; ++i) channel[i] = table[cropped.rgb[3 * i + c]];
  }
}

void prepare(const Picture& picture, const PictureRecipe& recipe, std::span<float> out) {
  normalise(resize_and_crop(picture, recipe), recipe, out);
}

}  // namespace consilience::engine
