#include "kernels/base/picture_window.h"

#include <cmath>

#include "kernels/base/error.h"

namespace consilience::kernels {
namespace {

/// int(side * long / short), in double as Python does.
double long_side(int side, int longer, int shorter) {
  return std::trunc(static_cast<double>(int64_t{side} * longer) / shorter);
}

int crop_start(int size, const PictureRecipe& recipe) {
  const int margins = size - recipe.crop;
  return recipe.crop_offset == CropOffset::floor ? margins / 2
                                                 : static_cast<int>(std::nearbyint(margins / 2.0));
}

}  // namespace

void check_pictures(std::span<const ConstPicture> pictures, const PictureRecipe& recipe) {
  expect(recipe.crop > 0 && recipe.crop <= recipe.side,
         "prepare: expected 0 < crop <= side, found crop {} and side {}", recipe.crop, recipe.side);
  for (size_t p = 0; p < pictures.size(); ++p) {
    const ConstPicture& picture = pictures[p];
    expect(picture.data != nullptr && picture.width > 0 && picture.height > 0,
           "prepare: picture {} is {} x {}, expected at least 1 x 1", p, picture.width,
           picture.height);
  }
}

PictureWindow picture_window(ConstPicture picture, const PictureRecipe& recipe) {
  const int side = recipe.side;
  const bool keeps_aspect = recipe.resize_to == ResizeTo::short_side;
  double width = side;
  double height = side;
  if (keeps_aspect && picture.width > picture.height)
    width = long_side(side, picture.width, picture.height);
  else if (keeps_aspect)
    height = long_side(side, picture.height, picture.width);
  expect(width * height <= double{kMostResizedPixels},
         "resize: a picture of {} x {} pixels would become {} x {}", picture.width, picture.height,
         width, height);
  PictureWindow window{static_cast<int>(width), static_cast<int>(height)};
  window.left = crop_start(window.width, recipe);
  window.top = crop_start(window.height, recipe);
  return window;
}

}  // namespace consilience::kernels
