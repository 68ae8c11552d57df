#include <png.h>

#include <csetjmp>
#include <cstdio>
#include <cstring>

#include "engine/image/codecs.h"
#include "kernels/base/error.h"

namespace consilience::engine::codecs {
namespace {

/// The bytes, and what libpng said; a jump may skip anything but its destructor.
struct Decoder {
  explicit Decoder(Bytes data) : bytes(data) {}
  ~Decoder() { png_destroy_read_struct(&png, &info, nullptr); }
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  Bytes bytes;
  size_t position = 0;
  char message[128] = {};
  png_structp png = nullptr;
  png_infop info = nullptr;
  std::vector<uint8_t> pixels;
  std::vector<png_bytep> rows;
};

void on_error(png_structp png, png_const_charp message) {
  auto* decoder = static_cast<Decoder*>(png_get_error_ptr(png));
  std::snprintf(decoder->message, sizeof decoder->message, "%s", message);
  png_longjmp(png, 1);
}

// Warnings of libpng are about ancillary chunks (colour profiles); damage to pixels is an error.
void on_warning(png_structp, png_const_charp) {}

void read_some(png_structp png, png_bytep out, size_t count) {
  auto* decoder = static_cast<Decoder*>(png_get_io_ptr(png));
  if (count > decoder->bytes.size() - decoder->position) png_error(png, "unexpected end of file");
  std::memcpy(out, decoder->bytes.data() + decoder->position, count);
  decoder->position += count;
}

/// Every PNG becomes 8 bits a channel, RGB or RGBA.
bool read_header(Decoder& decoder) {
  png_structp png = decoder.png;
  if (setjmp(png_jmpbuf(png)) != 0) return false;
  png_set_read_fn(png, &decoder, read_some);
  png_set_chunk_malloc_max(png, 8 << 20);
  png_read_info(png, decoder.info);
  png_set_scale_16(png);
  png_set_expand(png);  // palette, 1/2/4 bits, tRNS
  png_set_gray_to_rgb(png);
  png_set_interlace_handling(png);
  png_read_update_info(png, decoder.info);
  return true;
}

bool read_pixels(Decoder& decoder) {
  if (setjmp(png_jmpbuf(decoder.png)) != 0) return false;
  png_read_image(decoder.png, decoder.rows.data());
  png_read_end(decoder.png, nullptr);
  return true;
}

[[noreturn]] void complain(const std::string& name, const Decoder& decoder) {
  const bool cut = decoder.position == decoder.bytes.size() ||
                   std::strstr(decoder.message, "unexpected end") != nullptr;
  fail(Failure::never, "{}: {} PNG ({})", name, cut ? "truncated" : "damaged", decoder.message);
}

}  // namespace

Picture decode_png(Bytes bytes, const std::string& name, const DecodeOptions& options) {
  Decoder decoder(bytes);
  decoder.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &decoder, on_error, on_warning);
  if (decoder.png == nullptr) throw std::bad_alloc();
  decoder.info = png_create_info_struct(decoder.png);
  if (decoder.info == nullptr) throw std::bad_alloc();
  if (!read_header(decoder)) complain(name, decoder);

  Picture picture = allocate(png_get_image_width(decoder.png, decoder.info),
                             png_get_image_height(decoder.png, decoder.info), name, options);
  const size_t channels = png_get_channels(decoder.png, decoder.info);
  expect(channels == 3 || channels == 4, "{}: PNG with {} channels", name, channels);
  const size_t stride = static_cast<size_t>(picture.width) * channels;
  uint8_t* target = picture.rgb.data();
  if (channels == 4) {
    decoder.pixels.resize(stride * static_cast<size_t>(picture.height));
    target = decoder.pixels.data();
  }
  for (int y = 0; y < picture.height; ++y)
    decoder.rows.push_back(target + stride * static_cast<size_t>(y));
  if (!read_pixels(decoder)) complain(name, decoder);
  if (channels == 4)
    for (int y = 0; y < picture.height; ++y)
      flatten_row(decoder.rows[static_cast<size_t>(y)], picture.width, options.alpha,
                  picture.rgb.data() + static_cast<size_t>(y) * picture.width * 3);
  return picture;
}

}  // namespace consilience::engine::codecs
