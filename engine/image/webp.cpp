#include <webp/decode.h>

#include "engine/image/codecs.h"
#include "kernels/base/error.h"

namespace consilience::engine::codecs {
namespace {

[[noreturn]] void complain(const std::string& name, VP8StatusCode status) {
  fail(Failure::never, "{}: {} WebP (libwebp status {})", name,
       status == VP8_STATUS_NOT_ENOUGH_DATA ? "truncated" : "damaged", static_cast<int>(status));
}

}  // namespace

Picture decode_webp(Bytes bytes, const std::string& name, const DecodeOptions& options) {
  const auto* data = reinterpret_cast<const uint8_t*>(bytes.data());
  WebPDecoderConfig config;
  if (WebPInitDecoderConfig(&config) == 0)
    fail(Failure::never, "{}: the libwebp found at run time is not the one built with", name);
  if (const VP8StatusCode status = WebPGetFeatures(data, bytes.size(), &config.input);
      status != VP8_STATUS_OK)
    complain(name, status);
  expect(config.input.has_animation == 0,
         "{}: animated WebP; only still pictures are read: keep one frame", name);

  Picture picture = allocate(config.input.width, config.input.height, name, options);
  const int channels = config.input.has_alpha != 0 ? 4 : 3;
  std::vector<uint8_t> rgba;
  if (channels == 4) rgba.resize(picture.rgb.size() / 3 * 4);
  std::vector<uint8_t>& target = channels == 4 ? rgba : picture.rgb;
  config.output.colorspace = channels == 4 ? MODE_RGBA : MODE_RGB;
  config.output.is_external_memory = 1;
  config.output.u.RGBA = {target.data(), picture.width * channels, target.size()};
  const VP8StatusCode status = WebPDecode(data, bytes.size(), &config);
  WebPFreeDecBuffer(&config.output);
  if (status != VP8_STATUS_OK) complain(name, status);
  if (channels == 4)
    for (int y = 0; y < picture.height; ++y) {
      const size_t row = static_cast<size_t>(y) * static_cast<size_t>(picture.width);
      flatten_row(rgba.data() + row * 4, picture.width, options.alpha,
                  picture.rgb.data() + row * 3);
    }
  return picture;
}

}  // namespace consilience::engine::codecs
