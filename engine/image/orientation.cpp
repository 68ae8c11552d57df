#include "engine/image/orientation.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "engine/image/content.h"

namespace consilience::engine {
namespace {

/// Bytes that may end anywhere: what lies beyond the end reads as nothing.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  [[nodiscard]] bool has(size_t at, size_t count) const {
    return at <= bytes_.size() && count <= bytes_.size() - at;
  }
  [[nodiscard]] std::string_view text(size_t at, size_t count) const {
    return has(at, count) ? bytes_.substr(at, count) : std::string_view();
  }
  [[nodiscard]] std::optional<size_t> number(size_t at, size_t count, bool big_endian) const {
    if (!has(at, count)) return std::nullopt;
    size_t value = 0;
    for (size_t i = 0; i < count; ++i) {
      const size_t from = big_endian ? at + i : at + count - 1 - i;
      value = value << 8 | static_cast<unsigned char>(bytes_[from]);
    }
    return value;
  }

 private:
  std::string_view bytes_;
};

/// The TIFF block of a JPEG: in a segment before the first scan.
std::string_view exif_of_jpeg(const Reader& file) {
  constexpr std::string_view kName{"Exif\0\0", 6};
  size_t at = 2;
  while (file.text(at, 1) == "\xFF") {
    const std::string_view marker = file.text(at + 1, 1);
    if (marker == "\xFF") {  // fill
      ++at;
      continue;
    }
    const auto length = file.number(at + 2, 2, true);
    if (marker == "\xDA" || !length || *length < 2) break;
    if (marker == "\xE1" && *length >= 8 && file.text(at + 4, 6) == kName)
      return file.text(at + 10, *length - 8);
    at += 2 + *length;
  }
  return {};
}

std::string_view exif_of_png(const Reader& file) {
  for (size_t at = 8;;) {
    const auto length = file.number(at, 4, true);
    if (!length) return {};
    if (file.text(at + 4, 4) == "eXIf") return file.text(at + 8, *length);
    at += 12 + *length;
  }
}

std::string_view exif_of_webp(const Reader& file) {
  for (size_t at = 12;;) {
    const auto length = file.number(at + 4, 4, false);
    if (!length) return {};
    if (file.text(at, 4) == "EXIF") {
      const std::string_view block = file.text(at + 8, *length);
      return block.starts_with("Exif") ? block.substr(std::min<size_t>(6, block.size())) : block;
    }
    at += 8 + *length + *length % 2;
  }
}

/// The orientation in the first directory of a TIFF block.
std::optional<size_t> orientation_of(std::string_view tiff) {
  constexpr size_t kOrientation = 0x0112;
  constexpr size_t kShort = 3;
  const bool big_endian = tiff.starts_with("MM");
  if (!big_endian && !tiff.starts_with("II")) return std::nullopt;
  const Reader block(tiff);
  const auto directory = block.number(4, 4, big_endian);
  const auto entries = directory ? block.number(*directory, 2, big_endian) : std::nullopt;
  for (size_t e = 0; entries && e < *entries; ++e) {
    const size_t at = *directory + 2 + 12 * e;
    if (block.number(at, 2, big_endian) == kOrientation &&
        block.number(at + 2, 2, big_endian) == kShort)
      return block.number(at + 8, 2, big_endian);
  }
  return std::nullopt;
}

std::string_view exif_of(std::span<const std::byte> bytes) {
  const Reader file({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  switch (content_of(bytes)) {
    case Content::jpeg:
      return exif_of_jpeg(file);
    case Content::png:
      return exif_of_png(file);
    case Content::webp:
      return exif_of_webp(file);
    case Content::other:
      break;
  }
  return {};
}

}  // namespace

int exif_orientation(std::span<const std::byte> bytes) {
  const size_t found = orientation_of(exif_of(bytes)).value_or(1);
  return found >= 1 && found <= 8 ? static_cast<int>(found) : 1;
}

Picture upright(Picture picture, int orientation) {
  if (orientation == 1) return picture;
  const bool turned = orientation >= 5;  // rows become columns
  const bool from_right =
      orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const bool from_bottom =
      orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  Picture result{picture.width, picture.height, {}};
  if (turned) std::swap(result.width, result.height);
  result.rgb.resize(picture.rgb.size());
  uint8_t* to = result.rgb.data();
  for (int row = 0; row < result.height; ++row) {
    for (int column = 0; column < result.width; ++column, to += 3) {
      const int along = turned ? row : column;
      const int down = turned ? column : row;
      const int x = from_right ? picture.width - 1 - along : along;
      const int y = from_bottom ? picture.height - 1 - down : down;
      std::copy_n(picture.rgb.data() + 3 * (int64_t{y} * picture.width + x), 3, to);
    }
  }
  return result;
}

}  // namespace consilience::engine
