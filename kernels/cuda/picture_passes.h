#pragma once
#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "kernels/base/picture_window.h"
#include "kernels/cuda/owned.h"

namespace consilience::kernels::cuda {

/// What becomes of one picture: at the size of `window`, its pixels [left, left + columns) x
/// [top, top + rows).
struct PictureJob {
  ConstPicture picture;
  PictureWindow window;
  int rows, columns;
};

/// Resizes batches of pictures of any sizes on a device, two kernels for all of a batch. Only the
/// pixels that are asked for are computed.
class PicturePasses {
 public:
  explicit PicturePasses(Resampling how) : how_(how) {}

  /// Packs, uploads and resizes on `stream`; the pictures have been read on return. What was queued
  /// by the call before must have ended. Result: packed RGB [rows, columns, 3] on the device,
  /// picture after picture without gaps, valid until the next call.
  const uint8_t* run(std::span<const PictureJob> jobs, cudaStream_t stream);

 private:
  void make_room(int64_t host_bytes, int64_t device_bytes);

  Resampling how_;
  int64_t host_bytes_ = 0;
  int64_t device_bytes_ = 0;
  std::unique_ptr<PinnedBuffer<uint8_t>> host_;
  std::unique_ptr<DeviceBuffer<uint8_t>> device_;
};

}  // namespace consilience::kernels::cuda
