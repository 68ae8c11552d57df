#pragma once
#include <string>

namespace consilience::models::torchscript {

/// Once per process: the profiling executor and every fuser off, so that a call costs the same from
/// the first to the last and computes the same bits; TF32 off, sums of products in f32 also under
/// autocast.
void settle_executor();

/// LibTorch counts intra-op threads per calling thread.
void use_intra_op_threads(int threads);

/// Loads the CUDA half of LibTorch for "cuda" or "cuda:<number>" and gives the number. Throws
/// Error(never) when it cannot be loaded or there is no such device.
int require_cuda(const std::string& device);

}  // namespace consilience::models::torchscript
