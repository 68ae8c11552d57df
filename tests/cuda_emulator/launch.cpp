#include "tests/cuda_emulator/launch.h"

#include <map>
#include <mutex>

#include "tests/cuda_emulator/grid.h"
#include "tests/cuda_emulator/limits.h"
#include "tests/cuda_emulator/machine.h"
#include "tests/cuda_emulator/memory.h"
#include "tests/cuda_emulator/status.h"

namespace consilience::cuda_emulator {
namespace {

bool fits(dim3 grid, dim3 block) {
  const uint64_t threads = uint64_t{block.x} * block.y * block.z;
  return threads >= 1 && block.x <= kMaxThreads && block.y <= kMaxThreads &&
         block.z <= kMaxThreadsZ && threads <= kMaxThreads && grid.x >= 1 && grid.y >= 1 &&
         grid.z >= 1 && grid.x <= kMaxGridX && grid.y <= kMaxGridYZ && grid.z <= kMaxGridYZ;
}

}  // namespace

cudaError_t launch(const cudaLaunchConfig_t& config, Kernel kernel) {
  return answer([&] {
    Machine& machine = Machine::get();
    const int device = current_device();
    if (machine.device_of(config.stream) != device) return cudaErrorInvalidResourceHandle;
    if (!fits(config.gridDim, config.blockDim) || config.dynamicSmemBytes != 0) {
      return cudaErrorInvalidConfiguration;
    }
    for (const void* pointer : kernel.pointers) Memory::get().expect_reachable(pointer, device);
    machine.count(&Counters::launches);
    const uint64_t seed = machine.draw();
    return machine.push(config.stream,
                        [body = std::move(kernel.body), grid = config.gridDim,
                         block = config.blockDim, seed] { run_grid(body, grid, block, seed); });
  });
}

}  // namespace consilience::cuda_emulator
