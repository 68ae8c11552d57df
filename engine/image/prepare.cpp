#include "engine/image/prepare.h"

namespace consilience::engine {

void prepare(const Picture& picture, const PictureRecipe& recipe, std::span<float> out) {
  const kernels::ConstPicture one = view(picture);
  kernels::prepare_pictures({kernels::Backend::cpu, 1}, {&one, 1}, recipe, out);
}

}  // namespace consilience::engine
