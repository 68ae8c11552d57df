#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include "kernels/base/backend.h"
#include "kernels/ops/resize.h"

namespace consilience::kernels {

enum class ResizeTo {
  short_side,  // keeps the aspect: the long side becomes int(side * long / short)
  square,      // side x side
};

/// Where a centre crop begins.
enum class CropOffset {
  round,  // (size - crop) / 2, halves to even: torchvision
  floor,  // (size - crop) / 2 rounded down: transformers
};

/// From a picture to a network's input, step for step as torchvision and transformers do.
struct PictureRecipe {
  ResizeTo resize_to = ResizeTo::short_side;
  int side = 0;
  int crop = 0;  // side of the centre crop, at most `side`
  CropOffset crop_offset = CropOffset::round;
  Resampling resampling;
  std::array<float, 3> mean{};
  std::array<float, 3> std{};
};

/// Resizes, crops and normalises: out [B, 3, crop, crop] = (v / 255 - mean) / std in float32, the
/// same bits on every backend. Throws Error(never) for an empty picture, a crop that is not 1 ..
/// side, an `out` of another size, or a picture that would become larger than kMostResizedPixels.
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
