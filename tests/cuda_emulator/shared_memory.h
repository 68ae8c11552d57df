#pragma once
#include <cstddef>
#include <memory>
#include <vector>

#include "tests/cuda_emulator/device_thread.h"
#include "tests/cuda_emulator/random.h"

namespace consilience::cuda_emulator {

inline constexpr size_t kStaticShared = 48 << 10;

/// The shared arrays of one block, with gaps between them that AddressSanitizer watches.
class SharedMemory {
 public:
  SharedMemory();
  ~SharedMemory();
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;

  /// A new block: no arrays, other garbage.
  void reset(uint64_t seed);
  /// The array of this declaration, made when asked for first. Throws Fault beyond kStaticShared.
  void* find(const void* declaration, size_t size, size_t alignment, Where where);

 private:
  struct Array {
    const void* declaration;
    char* data;
    size_t size;
  };
  std::unique_ptr<char[]> memory_;
  std::vector<Array> arrays_;
  size_t end_ = 0;   // of the room in memory_
  size_t used_ = 0;  // by the program
  Random random_{0};
};

}  // namespace consilience::cuda_emulator
