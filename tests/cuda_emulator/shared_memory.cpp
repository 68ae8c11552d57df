#include "tests/cuda_emulator/shared_memory.h"

#include <fmt/format.h>

#include <algorithm>

#include "tests/cuda_emulator/fault.h"
#include "tests/cuda_emulator/garbage.h"
#include "tests/cuda_emulator/sanitizer.h"

namespace consilience::cuda_emulator {
namespace {

constexpr size_t kAlignment = 16;
constexpr size_t kGap = 64;
constexpr size_t kRoom = 2 * kStaticShared;  // an array of one byte takes 128

constexpr size_t rounded(size_t size) { return (size + kAlignment - 1) / kAlignment * kAlignment; }

}  // namespace

SharedMemory::SharedMemory() : memory_(new char[kRoom]) { poison(memory_.get(), kRoom); }
SharedMemory::~SharedMemory() { unpoison(memory_.get(), kRoom); }

void SharedMemory::reset(uint64_t seed) {
  if (end_ > 0) poison(memory_.get(), end_);
  arrays_.clear();
  end_ = used_ = 0;
  random_ = Random(seed);
}

void* SharedMemory::find(const void* declaration, size_t size, size_t alignment, Where where) {
  for (const Array& array : arrays_) {
    if (array.declaration != declaration) continue;
    if (array.size != size) {
      throw Fault(fmt::format("{}: a shared array has {} bytes in one thread and {} in another",
                              text_of(where), size, array.size));
    }
    return array.data;
  }
  used_ += size;
  const size_t begin = end_ + kGap;
  if (used_ > kStaticShared || alignment > kAlignment || begin + size + kGap > kRoom) {
    throw Fault(fmt::format("{}: {} bytes of shared memory in one block, at most {} can be",
                            text_of(where), used_, kStaticShared));
  }
  char* data = memory_.get() + begin;
  unpoison(data, size);
  fill_with_garbage(data, size, random_.next());
  arrays_.push_back({declaration, data, size});
  end_ = begin + rounded(size);
  return data;
}

}  // namespace consilience::cuda_emulator
