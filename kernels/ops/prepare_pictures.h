#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include "kernels/base/backend.h"
#include "kernels/ops/resize.h"

namespace consilience::kernels {

/// From a picture to a network's input, step for step as torchvision does on Pillow pictures.
struct PictureRecipe {
  int short_side = 0;  // the long side becomes int(short_side * long / short)
  int crop = 0;        // centre crop at round((size - crop) / 2), halves to even; <= short_side
  Filter filter = Filter::bicubic;
  std::array<float, 3> mean{};
  std::array<float, 3> std{};
};

/// Resizes, crops and normalises: out [B, 3, crop, crop] = (v / 255 - mean) / std in float32, the
/// same bits on every backend. Throws Error(never) for an empty picture, a crop that is not 1 ..
/// short_side, an `out` of another size, or a picture that would become larger than
/// kMostResizedPixels.
void prepare_pictures(const Context& context, std::span<const ConstPicture> pictures,
                      const PictureRecipe& recipe, std::span<float> out);

inline constexpr int64_t kMostResizedPixels = 178'956'970;  // Pillow's limit

/// How values are stored: float32, or that rounded to nearest even.
enum class PixelType { f32, f16, bf16 };

/// prepare_pictures on a CUDA device, for a network that runs there: the pictures go up as bytes,
/// the values stay. Two batches may be under way, one read while the other is packed. Memory: twice
/// the bytes of the largest batch pinned on the host, twice that and the bytes between the passes
/// on the device. One thread at a time.
class DevicePictures {
 public:
  /// Throws Error(never) in a build without CUDA or without that device.
  DevicePictures(int device, const PictureRecipe& recipe, PixelType type = PixelType::f32);
  ~DevicePictures();
  DevicePictures(const DevicePictures&) = delete;
  DevicePictures& operator=(const DevicePictures&) = delete;

  /// out [B, 3, crop, crop] on the device, dense, of the type above. Queued on `stream` (a
  /// cudaStream_t) and not waited for; `pictures` have been read on return. Throws as
  /// prepare_pictures, and Error(out_of_memory): then nothing is queued.
  void prepare(std::span<const ConstPicture> pictures, void* out, void* stream);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace consilience::kernels
