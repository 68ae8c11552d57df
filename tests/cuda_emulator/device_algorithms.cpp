#define THRUST_HOST_SYSTEM THRUST_HOST_SYSTEM_CPP
#define THRUST_DEVICE_SYSTEM THRUST_DEVICE_SYSTEM_CPP
#include "kernels/cuda/device_algorithms.h"

#include <thrust/execution_policy.h>
#include <thrust/scan.h>
#include <thrust/sort.h>

#include "tests/cuda_emulator/machine.h"
#include "tests/cuda_emulator/memory.h"

/// The twin of kernels/cuda/device_algorithms.cu: Thrust on the host, in its turn on the stream.
namespace consilience::kernels::cuda {
namespace {

using cuda_emulator::Machine;
using cuda_emulator::Memory;

template <typename T>
void expect_here(const T* data, int64_t count, const Stream& stream, const char* call) {
  Memory::get().expect_on_device(data, static_cast<size_t>(count) * sizeof(T),
                                 Machine::get().device_of(stream.get()), call);
}

}  // namespace

void sort_by_key(uint64_t* keys, int32_t* values, int64_t count, const Stream& stream) {
  expect_here(keys, count, stream, "sort_by_key");
  expect_here(values, count, stream, "sort_by_key");
  CUDA_CHECK(Machine::get().push(
      stream.get(), [=] { thrust::stable_sort_by_key(thrust::host, keys, keys + count, values); }));
}

void inclusive_scan(const int32_t* in, int32_t* out, int64_t count, const Stream& stream) {
  expect_here(in, count, stream, "inclusive_scan");
  expect_here(out, count, stream, "inclusive_scan");
  CUDA_CHECK(Machine::get().push(
      stream.get(), [=] { thrust::inclusive_scan(thrust::host, in, in + count, out); }));
}

}  // namespace consilience::kernels::cuda
