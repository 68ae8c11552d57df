#include "engine/image/codecs.h"
#include "engine/image/content.h"
#include "engine/image/orientation.h"
#include "engine/image/picture.h"
#include "kernels/base/error.h"

namespace consilience::engine {
namespace codecs {

Picture allocate(int64_t width, int64_t height, const std::string& name,
                 const DecodeOptions& options) {
  expect(width > 0 && height > 0, "{}: a picture of {} x {} pixels is empty", name, width, height);
  expect(width <= options.max_pixels / height,
         "{}: dimensions over the limit: {} x {} pixels, at most {} are decoded", name, width,
         height, options.max_pixels);
  Picture picture{static_cast<int>(width), static_cast<int>(height), {}};
  picture.rgb.resize(static_cast<size_t>(width * height * 3));
  return picture;
}

void flatten_row(const uint8_t* rgba, int width, Alpha alpha, uint8_t* rgb) {
  for (int x = 0; x < width; ++x, rgba += 4, rgb += 3)
    for (int c = 0; c < 3; ++c)
      rgb[c] = alpha == Alpha::drop
                   ? rgba[c]
                   : static_cast<uint8_t>((rgba[c] * rgba[3] + 255 * (255 - rgba[3]) + 127) / 255);
}

}  // namespace codecs

namespace {

Picture stored(std::span<const std::byte> bytes, const std::string& name,
               const DecodeOptions& options) {
  switch (content_of(bytes)) {
    case Content::jpeg:
      return codecs::decode_jpeg(bytes, name, options);
    case Content::png:
      return codecs::decode_png(bytes, name, options);
    case Content::webp:
      return codecs::decode_webp(bytes, name, options);
    case Content::other:
      break;
  }
  fail(Failure::never, "{}: {}; expected JPEG, PNG or WebP", name, looks_like(bytes));
}

}  // namespace

Picture decode(std::span<const std::byte> bytes, const std::string& name,
               const DecodeOptions& options) {
  Picture picture = stored(bytes, name, options);
  return options.exif == Exif::apply ? upright(std::move(picture), exif_orientation(bytes))
                                     : picture;
}

void check_picture(std::span<const std::byte> bytes, const std::string& name) {
  static_cast<void>(decode(bytes, name));
}

}  // namespace consilience::engine
