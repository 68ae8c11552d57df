#include "kernels/base/picture_window.h"

#include <cmath>

#include "kernels/base/error.h"

namespace consilience::kernels {
namespace {

/// int(side * long / short), in double as Python does.
double long_side(int side, int longer, int shorter) {
  return std::trunc(static_cast<double>(int64_t{side} * longer) / shorter);
}

int crop_start(int size, int crop) { return static_cast<int>(std::nearbyint((size - crop) / 2.0)); }

}  // namespace

void check_pictures(std::span<const ConstPicture> pictures, const PictureRecipe& recipe) {
  expect(recipe.crop > 0 && recipe.crop <= recipe.short_side,
         "prepare: expected 0 < crop <= short side, found crop {} and short side {}", recipe.crop,
         recipe.short_side);
  for (size_t p = 0; p < pictures.size(); ++p) {
    const ConstPicture& picture = pictures[p];
    expect(picture.data != nullptr && picture.width > 0 && picture.height > 0,
           "prepare: picture {} is {} x {}, expected at least 1 x 1", p, picture.width,
           picture.height);
  }
}

PictureWindow picture_window(ConstPicture picture, const PictureRecipe& recipe) {
  const int side = recipe.short_side;
  const bool portrait = picture.width <= picture.height;
  const double width = portrait ? side : long_side(side, picture.width, picture.height);
  const double height = portrait ? long_side(side, picture.height, picture.width) : side;
  expect(width * height <= double{kMostResizedPixels},
         "resize: a picture of {} x {} pixels would become {} x {}", picture.width, picture.height,
         width, height);
  PictureWindow window{static_cast<int>(width), static_cast<int>(height)};
  window.left = crop_start(window.width, recipe.crop);
  window.top = crop_start(window.height, recipe.crop);
  return window;
}

}  // namespace consilience::kernels
