#pragma once
#include <array>
#include <span>

#include "engine/image/picture.h"
#include "kernels/ops/resize.h"

namespace consilience::engine {

/// From a picture to a network's input, step for step as torchvision does on Pillow pictures.
struct PictureRecipe {
  int short_side = 0;  // the long side becomes int(short_side * long / short)
  int crop = 0;        // centre crop at round((size - crop) / 2), halves to even
  kernels::Filter filter = kernels::Filter::bicubic;
  std::array<float, 3> mean{};
  std::array<float, 3> std{};
};

/// Resize, centre crop: packed RGB [crop, crop, 3].
Picture resize_and_crop(const Picture& picture, const PictureRecipe& recipe);

/// (v / 255 - mean) / std in float32, planar: `out` is [3, crop, crop].
void normalise(const Picture& cropped, const PictureRecipe& recipe, std::span<float> out);

/// Both of the above.
void prepare(const Picture& picture, const PictureRecipe& recipe, std::span<float> out);

}  // namespace consilience::engine
