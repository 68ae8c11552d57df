#include "kernels/ops/prepare_pictures.h"

#include "kernels/base/picture_window.h"
#include "kernels/ops/backends.h"

namespace consilience::kernels {

void prepare_pictures(const Context& context, std::span<const ConstPicture> pictures,
                      const PictureRecipe& recipe, std::span<float> out) {
  check_pictures(pictures, recipe);
  const auto values = 3 * int64_t{recipe.crop} * recipe.crop * std::ssize(pictures);
  expect(std::ssize(out) == values, "prepare: room for {} values, expected {}", out.size(), values);
  if (pictures.empty()) return;
  dispatch(
      context, [&] { reference::prepare_pictures(context, pictures, recipe, out); },
      [&] { cpu::prepare_pictures(context, pictures, recipe, out); },
      [&] { cuda::prepare_pictures(context, pictures, recipe, out); });
}

}  // namespace consilience::kernels
