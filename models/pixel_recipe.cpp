#include "models/pixel_recipe.h"

namespace consilience::models {

kernels::PictureRecipe picture_recipe(const PixelRecipe& pixels) {
  kernels::PictureRecipe recipe;
  recipe.resize_to =
      pixels.resize == "square" ? kernels::ResizeTo::square : kernels::ResizeTo::short_side;
  recipe.side = pixels.resize_to;
  recipe.crop = pixels.crop;
  recipe.crop_offset =
      pixels.crop_offset == "floor" ? kernels::CropOffset::floor : kernels::CropOffset::round;
  recipe.resampling.filter =
      pixels.interpolation == "bilinear" ? kernels::Filter::bilinear : kernels::Filter::bicubic;
  recipe.resampling.implementation = pixels.implementation == "torch-uint8-aa"
                                         ? kernels::Implementation::torch_uint8_aa
                                         : kernels::Implementation::pil_exact;
  for (size_t c = 0; c < 3; ++c) {
    recipe.mean[c] = static_cast<float>(pixels.mean[c]);
    recipe.std[c] = static_cast<float>(pixels.std[c]);
  }
  return recipe;
}

}  // namespace consilience::models
