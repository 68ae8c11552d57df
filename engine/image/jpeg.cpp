#include <csetjmp>
#include <cstdio>  // before jpeglib.h, which needs FILE

#include <jpeglib.h>

#include <algorithm>

#include "engine/image/codecs.h"
#include "kernels/base/error.h"

namespace consilience::engine::codecs {
namespace {

/// More scans than any honest progressive file has: a way to burn hours with few bytes.
constexpr int kMostScans = 500;

/// libjpeg reports through C callbacks: an error jumps out, a warning is counted and kept.
struct Reporter {
  jpeg_error_mgr manager{};  // first, so that a pointer to it is a pointer to this
  std::jmp_buf escape{};
  char message[JMSG_LENGTH_MAX] = {};
  char warning[JMSG_LENGTH_MAX] = {};
};

Reporter& reporter_of(j_common_ptr info) { return *reinterpret_cast<Reporter*>(info->err); }

void on_error(j_common_ptr info) {
  Reporter& reporter = reporter_of(info);
  info->err->format_message(info, reporter.message);
  std::longjmp(reporter.escape, 1);
}

void on_message(j_common_ptr info, int level) {
  if (level >= 0) return;  // a trace
  Reporter& reporter = reporter_of(info);
  if (info->err->num_warnings++ == 0) info->err->format_message(info, reporter.warning);
}

void on_progress(j_common_ptr info) {
  if (reinterpret_cast<j_decompress_ptr>(info)->input_scan_number <= kMostScans) return;
  Reporter& reporter = reporter_of(info);
  std::snprintf(reporter.message, sizeof reporter.message, "more than %d scans", kMostScans);
  std::longjmp(reporter.escape, 1);
}

/// As Pillow: samples are inverted (Adobe's convention), then r = k' - c k' / 255, rounded.
void cmyk_to_rgb(const uint8_t* inverted, int width, uint8_t* rgb) {
  for (int x = 0; x < width; ++x, inverted += 4, rgb += 3) {
    const int key = inverted[3];
    for (int c = 0; c < 3; ++c) {
      const int product = (255 - inverted[c]) * key + 128;
      rgb[c] = static_cast<uint8_t>(std::max(0, key - ((product >> 8) + product) / 256));
    }
  }
}

void grey_to_rgb(const uint8_t* grey, int width, uint8_t* rgb) {
  for (int x = 0; x < width; ++x, rgb += 3) rgb[0] = rgb[1] = rgb[2] = grey[x];
}

/// Owns what must outlive a longjmp; the functions below it hold no object with a destructor.
struct Decoder {
  Reporter reporter;
  jpeg_progress_mgr progress{};
  jpeg_decompress_struct info{};
  bool created = false;
  std::vector<uint8_t> line;
  ~Decoder() {
    if (created) jpeg_destroy_decompress(&info);
  }
};

bool read_header(Decoder& decoder, Bytes bytes) {
  jpeg_decompress_struct& info = decoder.info;
  info.err = jpeg_std_error(&decoder.reporter.manager);
  info.err->error_exit = on_error;
  info.err->emit_message = on_message;
  if (setjmp(decoder.reporter.escape) != 0) return false;
  jpeg_create_decompress(&info);
  decoder.created = true;
  decoder.progress.progress_monitor = on_progress;
  info.progress = &decoder.progress;
  jpeg_mem_src(&info, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  jpeg_read_header(&info, TRUE);
  switch (info.jpeg_color_space) {
    case JCS_GRAYSCALE:
      info.out_color_space = JCS_GRAYSCALE;
      break;
    case JCS_CMYK:
    case JCS_YCCK:
      info.out_color_space = JCS_CMYK;
      break;
    default:
      info.out_color_space = JCS_RGB;
  }
  info.dct_method = JDCT_ISLOW;
  info.do_fancy_upsampling = TRUE;
  return true;
}

bool read_pixels(Decoder& decoder, Picture& picture) {
  jpeg_decompress_struct& info = decoder.info;
  if (setjmp(decoder.reporter.escape) != 0) return false;
  jpeg_start_decompress(&info);
  while (info.output_scanline < info.output_height) {
    uint8_t* out = picture.rgb.data() + size_t{info.output_scanline} * info.output_width * 3;
    JSAMPROW row = info.out_color_space == JCS_RGB ? out : decoder.line.data();
    jpeg_read_scanlines(&info, &row, 1);
    if (info.out_color_space == JCS_GRAYSCALE) grey_to_rgb(row, picture.width, out);
    if (info.out_color_space == JCS_CMYK) cmyk_to_rgb(row, picture.width, out);
  }
  jpeg_finish_decompress(&info);
  return true;
}

[[noreturn]] void complain(const std::string& name, const std::string& message) {
  const bool cut = message.find("Premature end") != std::string::npos ||
                   message.find("Unexpected end") != std::string::npos;
  fail(Failure::never, "{}: {} JPEG ({})", name, cut ? "truncated" : "damaged", message);
}

}  // namespace

Picture decode_jpeg(Bytes bytes, const std::string& name, const DecodeOptions& options) {
  Decoder decoder;
  if (!read_header(decoder, bytes)) complain(name, decoder.reporter.message);
  Picture picture = allocate(decoder.info.image_width, decoder.info.image_height, name, options);
  decoder.line.resize(static_cast<size_t>(picture.width) * 4);
  if (!read_pixels(decoder, picture)) complain(name, decoder.reporter.message);
  if (decoder.reporter.manager.num_warnings > 0) complain(name, decoder.reporter.warning);
  return picture;
}

}  // namespace consilience::engine::codecs
