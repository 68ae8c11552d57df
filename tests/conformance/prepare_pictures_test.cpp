#include <gtest/gtest.h>

#include <bit>

#include "kernels/base/error.h"
#include "kernels/ops/prepare_pictures.h"
#include "tests/support/backends.h"
#include "tests/support/random_pictures.h"

/// Every backend against the reference, bit for bit.
namespace consilience::testing {
namespace {

using kernels::Backend;
using kernels::ConstPicture;
using kernels::CropOffset;
using kernels::Filter;
using kernels::PictureRecipe;
using kernels::ResizeTo;

std::vector<uint32_t> prepared(Backend backend, std::span<const ConstPicture> pictures,
                               const PictureRecipe& recipe) {
  std::vector<float> out(pictures.size() * 3 * static_cast<size_t>(recipe.crop * recipe.crop), -7);
  kernels::prepare_pictures({backend, 2}, pictures, recipe, out);
  std::vector<uint32_t> bits;
  for (const float value : out) bits.push_back(std::bit_cast<uint32_t>(value));
  return bits;
}

class PreparedPictures : public EachBackend {};
INSTANTIATE_TEST_SUITE_P(Backends, PreparedPictures, ::testing::ValuesIn(backends_under_test()),
                         name_of_backend);

/// Wide, tall, tiny, of the right size already: together in one batch.
TEST_P(PreparedPictures, OfManySizes) {
  const RandomPictures some({{40, 30},
                             {30, 40},
                             {24, 24},
                             {25, 24},
                             {24, 31},
                             {1, 1},
                             {1, 7},
                             {7, 1},
                             {120, 11},
                             {11, 120},
                             {23, 23},
                             {64, 64},
                             {90, 50},
                             {31, 130},
                             {130, 31}});
  for (const kernels::Resampling how : every_resampling()) {
    for (const int crop : {24, 17, 1}) {
      for (const ResizeTo to : {ResizeTo::short_side, ResizeTo::square}) {
        PictureRecipe recipe = picture_recipe(24, crop, how);
        recipe.resize_to = to;
        recipe.crop_offset = crop == 17 ? CropOffset::floor : CropOffset::round;
        EXPECT_EQ(prepared(GetParam(), some.views, recipe),
                  prepared(Backend::reference, some.views, recipe))
            << "crop " << crop;
      }
    }
  }
}

/// More than are brought to a device at once.
TEST_P(PreparedPictures, OfManyPictures) {
  Draws draws(8);
  std::vector<std::pair<int, int>> sizes;
  for (int p = 0; p < 150; ++p) sizes.push_back({1 + draws.below(30), 1 + draws.below(30)});
  const RandomPictures some(sizes);
  const PictureRecipe recipe = picture_recipe(9, 8, {Filter::bicubic});
  EXPECT_EQ(prepared(GetParam(), some.views, recipe),
            prepared(Backend::reference, some.views, recipe));
}

TEST_P(PreparedPictures, OfNoPictures) {
  EXPECT_NO_THROW(prepared(GetParam(), {}, picture_recipe(9, 8, {Filter::bicubic})));
}

TEST_P(PreparedPictures, RefusesWhatIsTooLarge) {
  const RandomPictures some({{1000, 1}});
  EXPECT_THROW(prepared(GetParam(), some.views, picture_recipe(4096, 1, {Filter::bilinear})),
               Error);
}

TEST(PreparePicturesDoor, RefusesWrongSizes) {
  const RandomPictures some({{5, 5}});
  std::vector<float> out(3);
  for (const auto& [side, crop] : {std::pair{4, 5}, std::pair{4, 0}, std::pair{4, 2}})
    EXPECT_THROW(kernels::prepare_pictures({}, some.views,
                                           picture_recipe(side, crop, {Filter::bicubic}), out),
                 Error)
        << side << ", " << crop;
  const ConstPicture empty = {some.views[0].data, 0, 5};
  EXPECT_THROW(
      kernels::prepare_pictures({}, {&empty, 1}, picture_recipe(4, 1, {Filter::bicubic}), out),
      Error);
}

}  // namespace
}  // namespace consilience::testing
