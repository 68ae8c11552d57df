#include "kernels/cuda/device_algorithms.h"

#include <thrust/device_ptr.h>
#include <thrust/execution_policy.h>
#include <thrust/scan.h>
#include <thrust/sort.h>
#include <thrust/system/system_error.h>

#include <new>

#include "kernels/base/error.h"

namespace consilience::kernels::cuda {
namespace {

/// Thrust's exceptions as this project's.
template <typename Call>
void guarded(const char* name, const Call& call) {
  try {
    call();
  } catch (const std::bad_alloc&) {
    cudaGetLastError();
    fail(Failure::out_of_memory, "{}: not enough device memory for its workspace", name);
  } catch (const thrust::system_error& error) {
    cudaGetLastError();
    fail(Failure::never, "{} failed: {}", name, error.what());
  }
}

}  // namespace

void sort_by_key(uint64_t* keys, int32_t* values, int64_t count, const Stream& stream) {
  guarded("sort_by_key", [&] {
    const thrust::device_ptr<uint64_t> first(keys);
    thrust::stable_sort_by_key(thrust::cuda::par_nosync.on(stream.get()), first, first + count,
                               thrust::device_ptr<int32_t>(values));
  });
}

void inclusive_scan(const int32_t* in, int32_t* out, int64_t count, const Stream& stream) {
  guarded("inclusive_scan", [&] {
    const thrust::device_ptr<const int32_t> first(in);
    thrust::inclusive_scan(thrust::cuda::par_nosync.on(stream.get()), first, first + count,
                           thrust::device_ptr<int32_t>(out));
  });
}

}  // namespace consilience::kernels::cuda
