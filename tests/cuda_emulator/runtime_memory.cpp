#include <algorithm>
#include <cstring>
#include <string>

#include "tests/cuda_emulator/fault.h"
#include "tests/cuda_emulator/machine.h"
#include "tests/cuda_emulator/memory.h"
#include "tests/cuda_emulator/status.h"

/// Allocation, copies and fills. A copy reads and writes when its stream comes to it, whatever kind
/// of host memory it is about.
namespace {

using namespace consilience::cuda_emulator;

/// `rows` pieces of `width` bytes, `pitch` apart.
struct Area {
  size_t pitch;
  size_t width;
  size_t rows;

  [[nodiscard]] size_t bytes() const {
    return rows == 0 || width == 0 ? 0 : (rows - 1) * pitch + width;
  }
};

void expect_place(bool device, const void* data, size_t size, const char* call) {
  if (device) {
    Memory::get().expect_on_device(data, size, -1, call);
  } else {
    Memory::get().expect_on_host(data, size, call);
  }
}

cudaError_t copy(void* to, size_t to_pitch, const void* from, size_t from_pitch, size_t width,
                 size_t rows, cudaMemcpyKind kind, cudaStream_t stream, const char* call) {
  if (rows > 1 && (width > to_pitch || width > from_pitch)) return cudaErrorInvalidPitchValue;
  const Area target = {to_pitch, width, rows};
  const Area source = {from_pitch, width, rows};
  if (kind == cudaMemcpyDefault) {
    throw Fault(std::string(call) + ": say from where to where, not cudaMemcpyDefault");
  }
  const bool to_device = kind == cudaMemcpyHostToDevice || kind == cudaMemcpyDeviceToDevice;
  const bool from_device = kind == cudaMemcpyDeviceToHost || kind == cudaMemcpyDeviceToDevice;
  expect_place(to_device, to, target.bytes(), call);
  expect_place(from_device, from, source.bytes(), call);
  return Machine::get().push(stream, [=] {
    expect_place(to_device, to, target.bytes(), call);  // both are still there
    expect_place(from_device, from, source.bytes(), call);
    for (size_t row = 0; row < rows && width > 0; ++row)
      std::memcpy(static_cast<char*>(to) + row * to_pitch,
                  static_cast<const char*>(from) + row * from_pitch, width);
  });
}

cudaError_t fill(void* data, int byte, size_t size, cudaStream_t stream, const char* call) {
  Memory::get().expect_on_device(data, size, -1, call);
  return Machine::get().push(stream, [=] {
    if (size > 0) std::memset(data, byte, size);
  });
}

cudaError_t then_wait(cudaError_t status, cudaStream_t stream) {
  return status == cudaSuccess ? Machine::get().synchronize(stream) : status;
}

/// What is wrong with a release, which destructors call: it is kept for untold_faults().
cudaError_t released(bool was_there, const char* call) {
  if (was_there) return cudaSuccess;
  Machine::get().add_fault(std::string(call) + ": nothing was allocated there");
  return cudaErrorInvalidValue;
}

void drain_all() {
  for (int device = 0; device < Machine::get().settings().devices; ++device)
    Machine::get().drain(device);
}

}  // namespace

cudaError_t cudaMalloc(void** data, size_t size) {
  return answer([&] {
    const int device = current_device();
    const size_t live = Memory::get().live(device);
    if (size >
        Machine::get().settings().memory - std::min(live, Machine::get().settings().memory)) {
      return cudaErrorMemoryAllocation;
    }
    *data = Memory::get().allocate(Place::device, device, size, Machine::get().draw());
    return cudaSuccess;
  });
}
cudaError_t cudaFree(void* data) {
  return answer([&] {
    if (data == nullptr) return cudaSuccess;
    drain_all();
    return released(Memory::get().release(Place::device, data), "cudaFree");
  });
}
cudaError_t cudaMemGetInfo(size_t* available, size_t* total) {
  return answer([&] {
    *total = Machine::get().settings().memory;
    *available = *total - Memory::get().live(current_device());
    return cudaSuccess;
  });
}

cudaError_t cudaMallocHost(void** data, size_t size) {
  return answer([&] {
    *data = Memory::get().allocate(Place::pinned, -1, size, Machine::get().draw());
    return cudaSuccess;
  });
}
cudaError_t cudaFreeHost(void* data) {
  return answer([&] {
    if (data == nullptr) return cudaSuccess;
    drain_all();
    return released(Memory::get().release(Place::pinned, data), "cudaFreeHost");
  });
}
cudaError_t cudaHostRegister(void* data, size_t size, unsigned) {
  return answer([&] {
    if (data == nullptr || size == 0) return cudaErrorInvalidValue;
    if (Memory::get().overlaps(data, size)) return cudaErrorHostMemoryAlreadyRegistered;
    Memory::get().register_host(data, size);
    return cudaSuccess;
  });
}
cudaError_t cudaHostUnregister(void* data) {
  return answer([&] {
    drain_all();
    return released(Memory::get().release(Place::registered, data), "cudaHostUnregister");
  });
}

cudaError_t cudaMemcpyAsync(void* to, const void* from, size_t size, cudaMemcpyKind kind,
                            cudaStream_t stream) {
  return answer(
      [&] { return copy(to, size, from, size, size, 1, kind, stream, "cudaMemcpyAsync"); });
}
cudaError_t cudaMemcpy2DAsync(void* to, size_t to_pitch, const void* from, size_t from_pitch,
                              size_t width, size_t rows, cudaMemcpyKind kind, cudaStream_t stream) {
  return answer([&] {
    return copy(to, to_pitch, from, from_pitch, width, rows, kind, stream, "cudaMemcpy2DAsync");
  });
}
cudaError_t cudaMemcpyPeerAsync(void* to, int to_device, const void* from, int from_device,
                                size_t size, cudaStream_t stream) {
  return answer([&] {
    Memory::get().expect_on_device(to, size, to_device, "cudaMemcpyPeerAsync");
    Memory::get().expect_on_device(from, size, from_device, "cudaMemcpyPeerAsync");
    return copy(to, size, from, size, size, 1, cudaMemcpyDeviceToDevice, stream,
                "cudaMemcpyPeerAsync");
  });
}
cudaError_t cudaMemsetAsync(void* data, int byte, size_t size, cudaStream_t stream) {
  return answer([&] { return fill(data, byte, size, stream, "cudaMemsetAsync"); });
}
cudaError_t cudaMemcpy(void* to, const void* from, size_t size, cudaMemcpyKind kind) {
  return answer([&] {
    return then_wait(copy(to, size, from, size, size, 1, kind, nullptr, "cudaMemcpy"), nullptr);
  });
}
cudaError_t cudaMemset(void* data, int byte, size_t size) {
  return answer([&] { return then_wait(fill(data, byte, size, nullptr, "cudaMemset"), nullptr); });
}
