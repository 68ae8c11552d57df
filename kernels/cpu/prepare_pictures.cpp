#include <array>

#include "kernels/base/parallel.h"
#include "kernels/base/picture_window.h"
#include "kernels/ops/backends.h"

namespace consilience::kernels::cpu {
namespace {

using ChannelTable = std::array<float, 256>;

std::array<ChannelTable, 3> tables_of(const PictureRecipe& recipe) {
  std::array<ChannelTable, 3> tables{};
  for (size_t c = 0; c < 3; ++c)
    for (size_t v = 0; v < 256; ++v)
      tables[c][v] = normalised(static_cast<int>(v), recipe.mean[c], recipe.std[c]);
  return tables;
}

void prepare_one(ConstPicture picture, const PictureRecipe& recipe,
                 const std::array<ChannelTable, 3>& tables, float* out) {
  const PictureWindow window = picture_window(picture, recipe);
  std::vector<uint8_t> resized(static_cast<size_t>(window.width) *
                               static_cast<size_t>(window.height) * 3);
  cpu::resize({Backend::cpu, 1}, picture, recipe.resampling,
              {resized.data(), window.width, window.height});
  const int64_t plane = int64_t{recipe.crop} * recipe.crop;
  for (int64_t y = 0; y < recipe.crop; ++y) {
    const uint8_t* row = resized.data() + 3 * ((window.top + y) * window.width + window.left);
    for (int64_t c = 0; c < 3; ++c) {
      const ChannelTable& table = tables[static_cast<size_t>(c)];
      float* values = out + c * plane + y * recipe.crop;
      for (int64_t x = 0; x < recipe.crop; ++x) values[x] = table[row[3 * x + c]];
    }
  }
}

}  // namespace

void prepare_pictures(const Context& context, std::span<const ConstPicture> pictures,
                      const PictureRecipe& recipe, std::span<float> out) {
  const auto tables = tables_of(recipe);
  const int64_t size = 3 * int64_t{recipe.crop} * recipe.crop;
  parallel_for(context, std::ssize(pictures), 1, [&](int64_t begin, int64_t end) {
    for (int64_t p = begin; p < end; ++p)
      prepare_one(pictures[static_cast<size_t>(p)], recipe, tables, out.data() + p * size);
  });
}

}  // namespace consilience::kernels::cpu
