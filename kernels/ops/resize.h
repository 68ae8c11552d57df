#pragma once
#include <cstdint>
#include <span>

#include "kernels/base/backend.h"

namespace consilience::kernels {

enum class Filter { bilinear, bicubic };

/// Packed RGB, 8 bits a channel, row-major [height, width, 3].
struct ConstPicture {
  const uint8_t* data = nullptr;
  int width = 0;
  int height = 0;
};
struct MutablePicture {
  uint8_t* data = nullptr;
  int width = 0;
  int height = 0;
};

/// Antialiased resize, byte-identical to Pillow's Image.resize((w, h), BILINEAR | BICUBIC) on an
/// RGB picture: horizontal pass, then vertical, 22-bit integer weights. Throws Error(never) on an
/// empty picture.
void resize(const Context& context, ConstPicture in, Filter filter, MutablePicture out);

}  // namespace consilience::kernels
