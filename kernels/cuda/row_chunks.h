#pragma once
#include <algorithm>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "kernels/base/matrix_view.h"
#include "kernels/cuda/device_memory.h"
#include "kernels/cuda/owned.h"

namespace consilience::kernels::cuda {

/// Brings rows of the host to the device a few at a time, at most about 32 MiB or an eighth of what
/// is free, through pinned memory, the next ones while the last are worked on. Matrices of equal
/// rows become one, side by side.
template <typename T>
class RowChunks {
 public:
  struct Part {
    MatrixView<const T> x;
    std::span<const int32_t> order = {};  // row order[i] comes i-th; empty: row i
  };

  /// What is done with the rows is queued on `stream`. All chunks but the last are whole multiples
  /// of `block` rows.
  RowChunks(std::vector<Part> parts, int64_t block, const Stream& stream)
      : parts_(std::move(parts)), stream_(stream), total_(parts_[0].x.rows()) {
    for (const Part& part : parts_) width_ += part.x.cols();
    const int64_t block_bytes = std::max<int64_t>(1, block * width_ * int64_t{sizeof(T)});
    const int64_t bytes = std::min(kMostBytes, usable_bytes() / 8);
    rows_ = std::min(total_, std::max<int64_t>(1, bytes / block_bytes) * block);
  }

  [[nodiscard]] int64_t width() const { return width_; }

  /// body(first row, device rows [count, width] without gaps, count), chunk after chunk; stops
  /// early when it returns false. The rows are there until what it queued has ended.
  template <typename Body>
  void for_each(const Body& body) {
    if (width_ == 0) return;
    for (int64_t first = 0; first < total_; first += rows_) {
      const int64_t count = std::min(rows_, total_ - first);
      auto& slot = slots_[static_cast<size_t>(first / rows_ % 2)];
      if (!slot) slot = std::make_unique<Slot>(rows_ * width_);
      slot->uploaded.synchronize();
      pack(first, count, slot->host.data());
      slot->used.hold_back(upload_stream_);
      slot->device.upload(slot->host.span().first(static_cast<size_t>(count * width_)),
                          upload_stream_);
      slot->uploaded.record(upload_stream_);
      slot->uploaded.hold_back(stream_);
      const bool more = body(first, static_cast<const T*>(slot->device.data()), count);
      slot->used.record(stream_);
      if (!more) break;
    }
    stream_.synchronize();
  }

 private:
  static constexpr int64_t kMostBytes = int64_t{32} << 20;

  struct Slot {
    explicit Slot(int64_t values) : host(values), device(values) {}

    PinnedBuffer<T> host;
    DeviceBuffer<T> device;
    Event uploaded;
    Event used;
  };

  void pack(int64_t first, int64_t count, T* to) const {
    int64_t column = 0;
    for (const Part& part : parts_) {
      for (int64_t i = first; i < first + count; ++i) {
        const int64_t row = part.order.empty() ? i : part.order[static_cast<size_t>(i)];
        std::copy_n(part.x.row(row).data(), part.x.cols(), to + (i - first) * width_ + column);
      }
      column += part.x.cols();
    }
  }

  std::vector<Part> parts_;
  const Stream& stream_;
  Stream upload_stream_;
  int64_t total_;
  int64_t width_ = 0;
  int64_t rows_ = 0;
  std::unique_ptr<Slot> slots_[2];
};

}  // namespace consilience::kernels::cuda
