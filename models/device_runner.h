#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>

#include "kernels/ops/resize.h"
#include "models/card.h"
#include "models/runner.h"

namespace consilience::models {

/// Memory that whoever holds this owns, on the host (where a device copies to and from by itself)
/// or on a device. It must stay until what is queued on it is done.
class Buffer {
 public:
  virtual ~Buffer() = default;
  [[nodiscard]] virtual std::byte* data() = 0;  // of a device: not for the host to touch
  [[nodiscard]] virtual int64_t bytes() const = 0;
};

/// What a queue had been given when this was recorded.
class Event {
 public:
  virtual ~Event() = default;
};

/// Each does its work in order, and side by side with the others.
enum class Queue { upload, compute, download };

struct DeviceMemory {
  int64_t free = 0;       // bytes that can still be allocated, on the fullest device of the model
  int64_t used = 0;       // by this process's models and buffers, and for weights that come and go
  int64_t most_used = 0;  // the largest that `used` was since forget_unused()
};

/// A model on a device, as the extraction loop sees it. Uploads, runs and downloads are queued and
/// return at once. Called by one thread at a time, not always the same one. Whatever fails on the
/// device may be told by any later call: Error(never), or Error(out_of_memory).
class DeviceRunner {
 public:
  virtual ~DeviceRunner() = default;
  [[nodiscard]] virtual const ModelCard& card() const = 0;

  /// On the host, pinned. Throws Error(out_of_memory), as allocate() does.
  [[nodiscard]] virtual std::unique_ptr<Buffer> allocate_pinned(int64_t bytes) = 0;
  /// On the device, where it may be memory that work queued on `first` still uses: so that queue
  /// has to be the first that uses it.
  [[nodiscard]] virtual std::unique_ptr<Buffer> allocate(int64_t bytes, Queue first) = 0;

  virtual void upload(Buffer& from, Buffer& to, int64_t bytes) = 0;
  /// Decoded pictures to the network's input, float32 [B, 3, crop, crop] as the card says: resized,
  /// cropped and normalised on the device. `pictures` have been read on return.
  virtual void upload_pictures(std::span<const kernels::ConstPicture> pictures, Buffer& to) = 0;
  virtual void download(Buffer& from, Buffer& to, int64_t bytes) = 0;

  /// `tokens`: int64 [2, B, T], the ids and then the mask. `features`: see packed_features.h.
  virtual void run_tokens(Buffer& tokens, int64_t batch, int64_t length, Buffer& features) = 0;
  /// `pixels`: as upload_pictures() leaves them.
  virtual void run_pixels(Buffer& pixels, int64_t batch, Buffer& features) = 0;
  /// `waveforms`: float32 [B, N].
  virtual void run_audio(Buffer& waveforms, int64_t batch, int64_t samples, Buffer& features) = 0;

  [[nodiscard]] virtual std::unique_ptr<Event> record(Queue queue) = 0;
  /// What `queue` is given from now on starts after `event`.
  virtual void hold_back(Queue queue, Event& event) = 0;
  [[nodiscard]] virtual bool reached(Event& event) = 0;
  virtual void wait(Event& event) = 0;
  virtual void wait_for_all() = 0;

  [[nodiscard]] virtual DeviceMemory memory() = 0;
  /// Gives freed memory back to the device, and starts `most_used` anew.
  virtual void forget_unused() = 0;
};

/// Loads a package (checked against its card) onto options.device, "cuda" or "cuda:<number>".
/// Throws as open_runner does.
std::unique_ptr<DeviceRunner> open_device_runner(const std::filesystem::path& package,
                                                 const RunnerOptions& options);

}  // namespace consilience::models
