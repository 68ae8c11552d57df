#include "models/pixel_recipe.h"

namespace consilience::models {

kernels::PictureRecipe picture_recipe(const PixelRecipe& pixels) {
  kernels::PictureRecipe recipe;
  recipe.short_side = pixels.resize_to;
  recipe.crop = pixels.crop;
  recipe.filter =
      pixels.interpolation == "bilinear" ? kernels::Filter::bilinear : kernels::Filter::bicubic;
  for (size_t c = 0; c < 3; ++c) {
    recipe.mean[c] = static_cast<float>(pixels.mean[c]);
    recipe.std[c] = static_cast<float>(pixels.std[c]);
  }
  return recipe;
}

}  // namespace consilience::models
