#pragma once
#include <vector_types.h>

#include <cstdint>
#include <functional>

namespace consilience::cuda_emulator {

/// Runs `body` for every thread of every block, the blocks in an order of its own for each seed, on
/// this OS thread and one more. Throws the first block's Fault.
void run_grid(const std::function<void()>& body, dim3 grid, dim3 block, uint64_t seed);

}  // namespace consilience::cuda_emulator
