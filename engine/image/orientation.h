#pragma once
#include <cstddef>
#include <span>

#include "engine/image/picture.h"

namespace consilience::engine {

/// The EXIF orientation, 1 .. 8, in the bytes of a JPEG, PNG or WebP file; 1, which is upright,
/// where there is none or it makes no sense. EXIF 2.32, section 4.6.4, tag 0x0112; XMP is not read.
int exif_orientation(std::span<const std::byte> bytes);

/// The picture as it was meant to be seen: mirrored and turned as Pillow's ImageOps.exif_transpose
/// does for that orientation.
Picture upright(Picture picture, int orientation);

}  // namespace consilience::engine
