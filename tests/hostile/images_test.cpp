// Every row of the table of bad and odd pictures: the right pixels, or an error with the reason.
#include <gmock/gmock.h>

#include <array>
#include <cmath>
#include <fstream>
#include <iterator>

#include "engine/image/picture.h"
#include "kernels/base/error.h"
#include "tests/support/source_dir.h"

namespace consilience::engine {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using Rgb = std::array<int, 3>;

std::vector<char> read(const std::string& file) {
  std::ifstream in(source_dir() + "/tests/" + file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

Picture decoded(const std::string& name, const DecodeOptions& options = {}) {
  const std::vector<char> file = read("hostile/images/" + name);
  return decode(std::as_bytes(std::span(file)), name, options);
}

void expect_pixel(const Picture& picture, int x, int y, Rgb expected, int tolerance) {
  for (size_t c = 0; c < 3; ++c) {
    const size_t at =
        (static_cast<size_t>(y) * static_cast<size_t>(picture.width) + static_cast<size_t>(x)) * 3 +
        c;
    EXPECT_NEAR(picture.rgb[at], expected[c], tolerance) << "channel " << c;
  }
}

struct Good {
  const char* file;
  int width, height;
  Rgb at_4_4, last;
  int tolerance;  // JPEG decoders differ by a level or two
};

void PrintTo(const Good& good, std::ostream* out) { *out << good.file; }

class GoodPictures : public testing::TestWithParam<Good> {};

TEST_P(GoodPictures, HaveTheirPixels) {
  const Good& good = GetParam();
  const Picture picture = decoded(good.file);
  ASSERT_EQ(picture.width, good.width);
  ASSERT_EQ(picture.height, good.height);
  if (good.width > 4) expect_pixel(picture, 4, 4, good.at_4_4, good.tolerance);
  expect_pixel(picture, good.width - 1, good.height - 1, good.last, good.tolerance);
}

INSTANTIATE_TEST_SUITE_P(
    All, GoodPictures,
    testing::Values(Good{"00-good.jpg", 48, 32, {249, 0, 0}, {255, 252, 134}, 2},
                    Good{"02-cmyk-adobe.jpg", 48, 32, {255, 1, 1}, {255, 255, 128}, 2},
                    Good{"03-gray.jpg", 48, 32, {72, 72, 72}, {240, 240, 240}, 2},
                    Good{"07-rgba.png", 48, 32, {255, 219, 219}, {255, 255, 130}, 0},
                    Good{"08-exif-rotated.jpg", 48, 32, {249, 0, 0}, {255, 252, 134}, 2},
                    Good{"13-png-saved-as.jpg", 48, 32, {255, 0, 0}, {255, 255, 128}, 0},
                    Good{"16-progressive-odd-420.jpg", 51, 33, {244, 0, 0}, {254, 254, 130}, 2},
                    Good{"19-one-pixel.png", 1, 1, {10, 20, 30}, {10, 20, 30}, 0},
                    Good{"23-good.webp", 48, 32, {255, 0, 0}, {255, 255, 128}, 0}));

TEST(GoodPicture, SixteenBitGreyIsDividedBy257) {
  const Picture picture = decoded("04-gray16.png");
  ASSERT_EQ(picture.rgb.size(), 256U * 3);
  for (size_t k = 0; k < 256; ++k)
    for (size_t c = 0; c < 3; ++c) EXPECT_EQ(picture.rgb[3 * k + c], k);
}

TEST(GoodPicture, CmykEqualsPillow) {
  const std::vector<char> stored = read("unit/image/data/cmyk.rgb");
  const Picture picture = decoded("02-cmyk-adobe.jpg");
  ASSERT_EQ(picture.rgb.size(), stored.size());
  for (size_t i = 0; i < stored.size(); ++i)
    EXPECT_NEAR(picture.rgb[i], static_cast<uint8_t>(stored[i]), 2);
}

TEST(GoodPicture, WebpEqualsItsPng) {
  EXPECT_EQ(decoded("23-good.webp").rgb, decoded("13-png-saved-as.jpg").rgb);
}

TEST(GoodPicture, AlphaIsCompositedOrDropped) {
  DecodeOptions drop;
  drop.alpha = Alpha::drop;
  const Picture dropped = decoded("07-rgba.png", drop);
  expect_pixel(dropped, 4, 4, {255, 0, 0}, 0);
  expect_pixel(dropped, 47, 31, {255, 255, 128}, 0);
  const Picture white = decoded("07-rgba.png");
  EXPECT_NE(white.rgb, dropped.rgb);
  for (size_t i = 0; i < white.rgb.size(); ++i) EXPECT_GE(white.rgb[i], dropped.rgb[i]);
}

struct Bad {
  const char* file;
  const char* reason;
};

void PrintTo(const Bad& bad, std::ostream* out) { *out << bad.file; }

class BadPictures : public testing::TestWithParam<Bad> {};

TEST_P(BadPictures, AreNamedWithTheReason) {
  try {
    decoded(GetParam().file);
    FAIL() << GetParam().file << " was decoded";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), Failure::never);
    EXPECT_THAT(error.what(), AllOf(HasSubstr(GetParam().file), HasSubstr(GetParam().reason)));
  }
}

INSTANTIATE_TEST_SUITE_P(All, BadPictures,
                         testing::Values(Bad{"01-truncated-scan.jpg", "truncated JPEG"},
                                         Bad{"09-animated.webp", "animated WebP"},
                                         Bad{"11-zero-bytes.jpg", "empty file"},
                                         Bad{"12-html-saved-as.jpg", "HTML, not a picture"},
                                         Bad{"14-bomb-header.png",
                                             "dimensions over the limit: 60000 x 60000"},
                                         Bad{"18-truncated.png", "truncated PNG"},
                                         Bad{"21-arithmetic-sof9.jpg", "damaged JPEG"}));

/// No prefix of a good file crashes or passes for the whole picture.
TEST(CutPictures, AreErrorsAtEveryLength) {
  for (const char* name : {"00-good.jpg", "13-png-saved-as.jpg", "23-good.webp"}) {
    const std::vector<char> file = read(std::string("hostile/images/") + name);
    for (size_t length = 0; length + 2 < file.size(); length += 7)
      EXPECT_THROW(decode(std::as_bytes(std::span(file).first(length)), name), Error)
          << name << " cut at " << length;
  }
}

}  // namespace
}  // namespace consilience::engine
