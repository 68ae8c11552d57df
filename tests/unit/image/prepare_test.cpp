#include "engine/image/prepare.h"
#include "tests/support/source_dir.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>

namespace consilience::engine {
namespace {

/// Written by make_expected.py with Pillow and numpy.
std::vector<char> stored(const std::string& name) {
  std::ifstream in(source_dir() + "/tests/unit/image/data/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

Picture decoded(const std::string& name, const DecodeOptions& options = {}) {
  const std::vector<char> file = stored(name);
  return decode(std::as_bytes(std::span(file)), name, options);
}

std::vector<uint8_t> bytes_of(const std::string& name) {
  const std::vector<char> file = stored(name);
  return {file.begin(), file.end()};
}

PictureRecipe recipe(kernels::Filter filter) {
  PictureRecipe recipe;
  recipe.side = 21;
  recipe.crop = 12;  // the short side leaves 4.5: halves go to even
  recipe.resampling.filter = filter;
  recipe.mean = {0.485F, 0.456F, 0.406F};
  recipe.std = {0.229F, 0.224F, 0.225F};
  return recipe;
}

/// Byte v becomes v: the resized and cropped picture, packed.
std::vector<uint8_t> cropped(const Picture& picture, PictureRecipe plain) {
  plain.mean = {};
  plain.std = {1 / 255.0F, 1 / 255.0F, 1 / 255.0F};
  const auto plane = static_cast<size_t>(plain.crop) * static_cast<size_t>(plain.crop);
  std::vector<float> values(3 * plane);
  prepare(picture, plain, values);
  std::vector<uint8_t> bytes;
  for (size_t i = 0; i < plane; ++i)
    for (size_t c = 0; c < 3; ++c)
      bytes.push_back(static_cast<uint8_t>(std::lround(values[c * plane + i])));
  return bytes;
}

class Prepare : public testing::TestWithParam<const char*> {};

TEST_P(Prepare, ResizeAndCropEqualPillow) {
  const std::string name = GetParam();
  const Picture picture = decoded(name + ".png");
  EXPECT_EQ(cropped(picture, recipe(kernels::Filter::bicubic)), bytes_of(name + "-bicubic.rgb"));
  EXPECT_EQ(cropped(picture, recipe(kernels::Filter::bilinear)), bytes_of(name + "-bilinear.rgb"));
}

TEST_P(Prepare, SquareAndFlooredCropEqualTorch) {
  const std::string name = GetParam();
  for (const auto filter : {kernels::Filter::bicubic, kernels::Filter::bilinear}) {
    PictureRecipe square = recipe(filter);
    square.resize_to = kernels::ResizeTo::square;
    square.crop = 10;  // 5.5 are left
    square.crop_offset = kernels::CropOffset::floor;
    square.resampling.implementation = kernels::Implementation::torch_uint8_aa;
    EXPECT_EQ(cropped(decoded(name + ".png"), square),
              bytes_of(name + (filter == kernels::Filter::bicubic ? "-square-bicubic.rgb"
                                                                  : "-square-bilinear.rgb")));
  }
}

TEST_P(Prepare, NormalisedEqualsNumpyBitForBit) {
  const std::string name = GetParam();
  std::vector<float> found(3 * 12 * 12);
  prepare(decoded(name + ".png"), recipe(kernels::Filter::bicubic), found);
  const std::vector<char> expected = stored(name + "-bicubic.f32");
  ASSERT_EQ(expected.size(), found.size() * sizeof(float));
  EXPECT_EQ(std::memcmp(expected.data(), found.data(), expected.size()), 0);
}

INSTANTIATE_TEST_SUITE_P(Shapes, Prepare, testing::Values("wide", "tall"));

TEST(Prepare, PictureOfTheRightSizeIsOnlyCropped) {
  Picture picture{21, 22, std::vector<uint8_t>(21 * 22 * 3)};
  for (size_t i = 0; i < picture.rgb.size(); ++i) picture.rgb[i] = static_cast<uint8_t>(i % 251);
  EXPECT_EQ(cropped(picture, recipe(kernels::Filter::bicubic))[0],
            picture.rgb[(5 * 21 + 4) * 3]);  // margins 4.5 and 5
}

TEST(Decode, PaletteWithTransparency) {
  EXPECT_EQ(decoded("palette.png").rgb, bytes_of("palette-white.rgb"));
  DecodeOptions drop;
  drop.alpha = Alpha::drop;
  EXPECT_EQ(decoded("palette.png", drop).rgb, bytes_of("palette-drop.rgb"));
}

}  // namespace
}  // namespace consilience::engine
