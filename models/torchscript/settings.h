#pragma once
#include <string>

namespace consilience::models::torchscript {

/// Once per process: the profiling executor and every fuser off, so that a call costs the same from
/// the first to the last and computes the same bits; TF32 off.
void settle_executor();

/// LibTorch counts intra-op threads per calling thread.
void use_intra_op_threads(int threads);

/// Loads the CUDA half of LibTorch when `device` asks for it; throws Error(never) when there is no
/// such device.
void require_device(const std::string& device);

}  // namespace consilience::models::torchscript
