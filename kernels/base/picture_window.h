#pragma once
#include "kernels/ops/prepare_pictures.h"

namespace consilience::kernels {

/// The size that a picture is given, and where the crop begins in it.
struct PictureWindow {
  int width = 0, height = 0;
  int left = 0, top = 0;
};

/// Throws Error(never) where the picture would become larger than kMostResizedPixels.
PictureWindow picture_window(ConstPicture picture, const PictureRecipe& recipe);

/// Throws Error(never) for a recipe or a picture that prepare_pictures refuses, but for its window.
void check_pictures(std::span<const ConstPicture> pictures, const PictureRecipe& recipe);

/// The float32 of byte v in one channel.
constexpr float normalised(int v, float mean, float std) {
  return (static_cast<float>(v) / 255.0F - mean) / std;
}

}  // namespace consilience::kernels
