#pragma once
#include "kernels/ops/prepare_pictures.h"
#include "models/card.h"

namespace consilience::models {

/// A card's preprocessing as the picture ops take it.
[[nodiscard]] kernels::PictureRecipe picture_recipe(const PixelRecipe& pixels);

}  // namespace consilience::models
