#pragma once
#include <cuda_runtime_api.h>

namespace consilience::cuda_emulator {

/// Keeps a failure for cudaGetLastError of this host thread, and hands it on.
cudaError_t noted(cudaError_t status);

/// What every call answers where there is no driver, or one that is too old.
cudaError_t driver_status();

/// Runs `call` unless the driver is missing, and notes what it answers.
template <typename Call>
cudaError_t answer(const Call& call) {
  const cudaError_t status = driver_status();
  return noted(status == cudaSuccess ? call() : status);
}

}  // namespace consilience::cuda_emulator
