#pragma once
#include <cuda_runtime_api.h>

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "kernels/cuda/check.h"

/// What the host owns on a device: released when it goes out of scope.
namespace consilience::kernels::cuda {

class Stream {
 public:
  Stream() { CUDA_CHECK(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking)); }
  ~Stream() { cudaStreamDestroy(stream_); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  [[nodiscard]] cudaStream_t get() const { return stream_; }
  void synchronize() const { CUDA_CHECK(cudaStreamSynchronize(stream_)); }

 private:
  cudaStream_t stream_ = nullptr;
};

/// What a stream has done up to record(), for another one or the host to wait for.
class Event {
 public:
  Event() { CUDA_CHECK(cudaEventCreateWithFlags(&event_, cudaEventDisableTiming)); }
  ~Event() { cudaEventDestroy(event_); }
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  void record(const Stream& stream) { CUDA_CHECK(cudaEventRecord(event_, stream.get())); }
  void hold_back(const Stream& stream) const {
    CUDA_CHECK(cudaStreamWaitEvent(stream.get(), event_, 0));
  }
  void synchronize() const { CUDA_CHECK(cudaEventSynchronize(event_)); }

 private:
  cudaEvent_t event_ = nullptr;
};

/// `size` uninitialised elements of host memory that a device copies from and to by itself.
template <typename T>
class PinnedBuffer {
 public:
  explicit PinnedBuffer(int64_t size) : size_(static_cast<size_t>(size)) {
    CUDA_CHECK(cudaMallocHost(reinterpret_cast<void**>(&data_), size_ * sizeof(T)));
  }
  ~PinnedBuffer() { cudaFreeHost(data_); }
  PinnedBuffer(const PinnedBuffer&) = delete;
  PinnedBuffer& operator=(const PinnedBuffer&) = delete;

  [[nodiscard]] T* data() const { return data_; }
  [[nodiscard]] std::span<T> span() const { return {data_, size_}; }

 private:
  T* data_ = nullptr;
  size_t size_;
};

/// `size` uninitialised elements of device memory.
template <typename T>
class DeviceBuffer {
 public:
  explicit DeviceBuffer(int64_t size) : size_(static_cast<size_t>(size)) {
    CUDA_CHECK(cudaMalloc(reinterpret_cast<void**>(&data_), size_ * sizeof(T)));
  }
  ~DeviceBuffer() { cudaFree(data_); }
  DeviceBuffer(const DeviceBuffer&) = delete;
  DeviceBuffer& operator=(const DeviceBuffer&) = delete;

  [[nodiscard]] T* data() const { return data_; }

  /// Does not synchronise; `from` has at most `size` elements and must live until it is done.
  void upload(std::span<const T> from, const Stream& stream) {
    CUDA_CHECK(cudaMemcpyAsync(data_, from.data(), from.size_bytes(), cudaMemcpyHostToDevice,
                               stream.get()));
  }
  void fill_bytes(int byte, const Stream& stream) {
    CUDA_CHECK(cudaMemsetAsync(data_, byte, size_ * sizeof(T), stream.get()));
  }
  /// The first `count` elements; synchronises.
  [[nodiscard]] std::vector<T> download(int64_t count, const Stream& stream) const {
    std::vector<T> host(static_cast<size_t>(count));
    CUDA_CHECK(cudaMemcpyAsync(host.data(), data_, host.size() * sizeof(T), cudaMemcpyDeviceToHost,
                               stream.get()));
    stream.synchronize();
    return host;
  }

 private:
  T* data_ = nullptr;
  size_t size_;
};

}  // namespace consilience::kernels::cuda
