#include "engine/image/orientation.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>

#include "tests/support/source_dir.h"

/// Against what Pillow's exif_transpose makes of the same files: make_expected.py.
namespace consilience::engine {
namespace {

std::vector<char> stored(const std::string& name) {
  std::ifstream in(source_dir() + "/tests/unit/image/data/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class Orientation : public testing::TestWithParam<int> {
 protected:
  [[nodiscard]] static std::string name() { return "orientation-" + std::to_string(GetParam()); }
  [[nodiscard]] static Picture decoded(const std::string& kind, Exif exif) {
    const std::vector<char> file = stored(name() + kind);
    DecodeOptions options;
    options.exif = exif;
    return decode(std::as_bytes(std::span(file)), name(), options);
  }
  [[nodiscard]] static Picture expected() {
    const std::vector<char> file = stored(name() + ".rgb");
    int32_t size[2];
    std::memcpy(size, file.data(), sizeof size);
    return {size[0], size[1], {file.begin() + sizeof size, file.end()}};
  }
};

TEST_P(Orientation, OfLosslessFilesEqualsPillow) {
  for (const char* kind : {".png", ".webp"}) {
    const Picture found = decoded(kind, Exif::apply);
    EXPECT_EQ(found.width, expected().width) << kind;
    EXPECT_EQ(found.height, expected().height) << kind;
    EXPECT_EQ(found.rgb, expected().rgb) << kind;
  }
}

TEST_P(Orientation, OfJpegIsRead) {
  const std::vector<char> file = stored(name() + ".jpg");
  EXPECT_EQ(exif_orientation(std::as_bytes(std::span(file))), GetParam());
  const Picture found = decoded(".jpg", Exif::apply);
  EXPECT_EQ(found.width, expected().width);
  EXPECT_EQ(found.rgb, upright(decoded(".jpg", Exif::ignore), GetParam()).rgb);
}

TEST_P(Orientation, IsIgnoredUnlessAskedFor) {
  EXPECT_EQ(decoded(".png", Exif::ignore).width, 7);
  EXPECT_EQ(decoded(".jpg", Exif::ignore).height, 5);
}

INSTANTIATE_TEST_SUITE_P(All, Orientation, testing::Range(1, 9));

/// Cut anywhere, or with any byte changed, a file gives some orientation and nothing is read beyond
/// its end.
TEST(OrientationOfDamage, IsStillOne) {
  for (const char* kind : {"jpg", "png", "webp"}) {
    const std::vector<char> whole = stored(std::string("orientation-6.") + kind);
    for (size_t length = 0; length <= whole.size(); ++length) {
      const std::vector<char> cut(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(length));
      std::vector<char> changed = whole;
      if (length < whole.size()) changed[length] = '\xFF';
      for (const auto& bytes : {cut, changed}) {
        const int found = exif_orientation(std::as_bytes(std::span(bytes)));
        EXPECT_TRUE(found >= 1 && found <= 8);
      }
    }
  }
}

}  // namespace
}  // namespace consilience::engine
