#include "engine/extract/device_loop.h"

#include <bit>
#include <cstring>

#include "engine/image/prepare.h"
#include "kernels/base/error.h"
#include "models/packed_features.h"

namespace consilience::engine::extraction {
namespace {

using models::Buffer;
using models::Queue;

template <typename T>
int64_t bytes_of(int64_t count) {
  return count * static_cast<int64_t>(sizeof(T));
}

/// Powers of two, so that batches of slightly growing size do not allocate each time.
template <typename Allocate>
void reserve(std::unique_ptr<Buffer>& buffer, int64_t bytes, const Allocate& allocate) {
  if (buffer && buffer->bytes() >= bytes) return;
  buffer.reset();  // first: both together may not fit
  buffer = allocate(static_cast<int64_t>(std::bit_ceil(static_cast<uint64_t>(bytes))));
}

}  // namespace

DeviceLoop::DeviceLoop(models::DeviceRunner& runner, Finish finish)
    : runner_(runner), finish_(std::move(finish)) {}

DeviceLoop::~DeviceLoop() {
  try {
    runner_.wait_for_all();
  } catch (const Error&) {  // the device is lost, and what was told before says so
  }
}

void DeviceLoop::upload(Slot& slot, const PreparedBatch& prepared) {
  const auto rows = std::ssize(slot.batch.rows);
  const auto on_device = [&](int64_t bytes) { return runner_.allocate(bytes, Queue::upload); };
  if (runner_.card().modality == models::Modality::vision) {
    const int64_t side = runner_.card().pixels->crop;
    reserve(slot.input, bytes_of<float>(rows * 3 * side * side), on_device);
    std::vector<kernels::ConstPicture> pictures;
    for (const Picture& picture : prepared.pictures) pictures.push_back(view(picture));
    runner_.upload_pictures(pictures, *slot.input);
    return;
  }
  if (runner_.card().modality == models::Modality::audio) {
    const int64_t size = bytes_of<float>(rows * slot.batch.length);
    reserve(slot.pinned_input, size, [&](int64_t bytes) { return runner_.allocate_pinned(bytes); });
    reserve(slot.input, size, on_device);
    std::memcpy(slot.pinned_input->data(), prepared.waveforms.data(), static_cast<size_t>(size));
    runner_.upload(*slot.pinned_input, *slot.input, size);
    return;
  }
  const int64_t half = bytes_of<int64_t>(rows * slot.batch.length);
  reserve(slot.pinned_input, 2 * half,
          [&](int64_t bytes) { return runner_.allocate_pinned(bytes); });
  reserve(slot.input, 2 * half, on_device);
  const auto size = static_cast<size_t>(half);
  std::memcpy(slot.pinned_input->data(), prepared.tokens.ids.data(), size);
  std::memcpy(slot.pinned_input->data() + half, prepared.tokens.mask.data(), size);
  runner_.upload(*slot.pinned_input, *slot.input, 2 * half);
}

void DeviceLoop::run(Slot& slot) {
  const auto rows = std::ssize(slot.batch.rows);
  if (runner_.card().modality == models::Modality::vision)
    runner_.run_pixels(*slot.input, rows, *slot.features);
  else if (runner_.card().modality == models::Modality::audio)
    runner_.run_audio(*slot.input, rows, slot.batch.length, *slot.features);
  else
    runner_.run_tokens(*slot.input, rows, slot.batch.length, *slot.features);
}

void DeviceLoop::fill(Slot& slot, const PreparedBatch& prepared) {
  const int64_t bytes =
      bytes_of<float>(models::packed_floats(runner_.card(), std::ssize(slot.batch.rows)));
  reserve(slot.features, bytes,
          [&](int64_t size) { return runner_.allocate(size, Queue::compute); });
  reserve(slot.pinned_features, bytes, [&](int64_t size) { return runner_.allocate_pinned(size); });
  upload(slot, prepared);
  const auto uploaded = runner_.record(Queue::upload);
  runner_.hold_back(Queue::compute, *uploaded);
  run(slot);
  const auto ran = runner_.record(Queue::compute);
  runner_.hold_back(Queue::download, *ran);
  runner_.download(*slot.features, *slot.pinned_features, bytes);
  slot.fetched = runner_.record(Queue::download);
}

void DeviceLoop::collect(Slot& slot) {
  models::BatchFeatures features;
  if (slot.fetched) {
    runner_.wait(*slot.fetched);
    const int64_t rows = std::ssize(slot.batch.rows);
    const auto* packed = reinterpret_cast<const float*>(slot.pinned_features->data());
    features = models::unpack_features(
        {packed, static_cast<size_t>(models::packed_floats(runner_.card(), rows))}, runner_.card(),
        rows);
    slot.fetched.reset();
  }
  slot.taken = false;
  ++oldest_;
  finish_(slot.batch, features);
}

void DeviceLoop::collect_what_is_there() {
  while (oldest_ < newest_ && (!oldest().fetched || runner_.reached(*oldest().fetched)))
    collect(oldest());
}

void DeviceLoop::submit(const PreparedBatch& prepared) {
  Slot& slot = slots_[newest_ % kBatches];
  if (slot.taken) collect(slot);
  slot.batch = prepared.batch;
  slot.taken = true;
  ++newest_;
  if (!slot.batch.rows.empty()) fill(slot, prepared);
  collect_what_is_there();
}

void DeviceLoop::finish() {
  while (oldest_ < newest_) collect(oldest());
}

}  // namespace consilience::engine::extraction
