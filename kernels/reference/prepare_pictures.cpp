#include "kernels/base/picture_window.h"
#include "kernels/ops/backends.h"

namespace consilience::kernels::reference {

void prepare_pictures(const Context& context, std::span<const ConstPicture> pictures,
                      const PictureRecipe& recipe, std::span<float> out) {
  size_t at = 0;
  for (const ConstPicture& picture : pictures) {
    const PictureWindow window = picture_window(picture, recipe);
    std::vector<uint8_t> resized(static_cast<size_t>(window.width) *
                                 static_cast<size_t>(window.height) * 3);
    reference::resize(context, picture, recipe.resampling,
                      {resized.data(), window.width, window.height});
    for (size_t c = 0; c < 3; ++c) {
      for (int64_t y = 0; y < recipe.crop; ++y) {
        for (int64_t x = 0; x < recipe.crop; ++x) {
          const int64_t pixel = (window.top + y) * window.width + window.left + x;
          out[at++] = normalised(resized[static_cast<size_t>(3 * pixel) + c], recipe.mean[c],
                                 recipe.std[c]);
        }
      }
    }
  }
}

}  // namespace consilience::kernels::reference
