#pragma once
#include <cuda_runtime_api.h>

#include <cstdint>
#include <source_location>

/// Of the CUDA thread that this OS thread runs.
inline thread_local constinit uint3 threadIdx = {};
inline thread_local constinit uint3 blockIdx = {};
inline thread_local constinit dim3 blockDim = {};
inline thread_local constinit dim3 gridDim = {};
inline constexpr int warpSize = 32;

/// What device code reaches of the emulator: the thread that it is, and where threads meet.
namespace consilience::cuda_emulator {

using Where = std::source_location;

enum class Collective : uint8_t {
  syncthreads,
  syncthreads_or,
  syncthreads_and,
  syncthreads_count,
  syncwarp,
  ballot,
  any,
  all,
  shfl,
  shfl_up,
  shfl_down,
  shfl_xor,
  reduce,
};

/// All threads of the block that have not ended meet; of `value` each gets the or, and, or sum.
int meet_block(Collective what, int value, Where where);

/// The lanes of `mask` meet; each gets the bits that `source` (a lane) brought as `value`.
uint64_t exchange(Collective what, uint32_t mask, uint64_t value, unsigned source, Where where);

/// The lanes of `mask` meet; each gets fold(all their values).
using Fold = uint32_t (*)(uint32_t, uint32_t);
uint32_t meet_warp(Collective what, uint32_t mask, uint32_t value, Fold fold, Where where);

/// Shared memory of the block, the same for all calls with one `declaration`; filled with garbage
/// for the first.
void* shared_memory(const void* declaration, size_t size, size_t alignment, Where where);

[[noreturn]] void fail_index(const char* name, int64_t index, int64_t count, Where declared);

/// The lane of this thread in its warp.
unsigned lane();

}  // namespace consilience::cuda_emulator
