#pragma once
#include <cstring>

#include "tests/cuda_emulator/random.h"

namespace consilience::cuda_emulator {

/// What uninitialised memory holds: now all ones (NaN in every floating-point type), now noise.
inline void fill_with_garbage(void* data, size_t size, uint64_t seed) {
  Random random(seed);
  if (random.below(2) == 0) {
    std::memset(data, 0xFF, size);
    return;
  }
  auto* at = static_cast<char*>(data);
  for (size_t done = 0; done < size; done += sizeof(uint64_t)) {
    const uint64_t noise = random.next();
    std::memcpy(at + done, &noise, size - done < sizeof noise ? size - done : sizeof noise);
  }
}

}  // namespace consilience::cuda_emulator
