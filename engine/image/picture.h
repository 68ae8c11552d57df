#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace consilience::engine {

/// Packed RGB, 8 bits a channel, row-major [height, width, 3].
struct Picture {
  int width = 0;
  int height = 0;
  std::vector<uint8_t> rgb;
};

/// What becomes of transparency: composited over white, or dropped as Pillow's convert("RGB") does.
enum class Alpha { white, drop };

/// What becomes of an EXIF orientation: ignored, as torchvision and timm do, or applied.
enum class Exif { ignore, apply };

struct DecodeOptions {
  Alpha alpha = Alpha::white;
  Exif exif = Exif::ignore;
  int64_t max_pixels = 178'956'970;  // Pillow's limit; checked before any allocation
};

/// Decodes a JPEG, PNG or still WebP, told by its content. 16-bit values are divided by 257, grey
/// becomes R = G = B, CMYK is converted as Pillow does. A decoder's warning (a cut scan, corrupt
/// data) is an error. Throws Error(never): "<name>: <reason>".
Picture decode(std::span<const std::byte> bytes, const std::string& name,
               const DecodeOptions& options = {});

/// Throws as decode() does; for a data set's validity.
void check_picture(std::span<const std::byte> bytes, const std::string& name);

}  // namespace consilience::engine
