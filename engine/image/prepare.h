#pragma once
#include <span>

#include "engine/image/picture.h"
#include "kernels/ops/prepare_pictures.h"

namespace consilience::engine {

using kernels::PictureRecipe;

/// What the ops of kernels/ take; `picture` must outlive it.
[[nodiscard]] inline kernels::ConstPicture view(const Picture& picture) {
  return {picture.rgb.data(), picture.width, picture.height};
}

/// One picture on this thread: out [3, crop, crop].
void prepare(const Picture& picture, const PictureRecipe& recipe, std::span<float> out);

}  // namespace consilience::engine
