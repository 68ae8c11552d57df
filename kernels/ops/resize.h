#pragma once
#include <cstdint>
#include <span>

#include "kernels/base/backend.h"

namespace consilience::kernels {

enum class Filter { bilinear, bicubic };

/// Whose bytes a resize gives.
enum class Implementation {
  pil_exact,       // Pillow 13: weights of 22 bits
  torch_uint8_aa,  // torch and torchvision on the CPU: weights of 16 bits
};

struct Resampling {
  Filter filter = Filter::bicubic;
  Implementation implementation = Implementation::pil_exact;
};

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

/// Antialiased resize in two passes, bytes between them, integer weights. Throws Error(never) on an
/// empty picture. Byte-identical to
/// - pil_exact: Pillow's Image.resize((w, h), BILINEAR | BICUBIC) on an RGB picture;
/// - torch_uint8_aa: torchvision.transforms.v2.functional.resize(uint8 tensor, [h, w], BILINEAR |
///   BICUBIC, antialias=True), in any memory format, on a CPU with AVX2. Without AVX2 torchvision
///   goes over float32 for bilinear, and differs by 1 in places; bicubic is the same there.
void resize(const Context& context, ConstPicture in, Resampling how, MutablePicture out);

}  // namespace consilience::kernels
