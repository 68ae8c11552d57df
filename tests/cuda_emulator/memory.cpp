#include "tests/cuda_emulator/memory.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <new>

#include "tests/cuda_emulator/fault.h"
#include "tests/cuda_emulator/garbage.h"
#include "tests/cuda_emulator/sanitizer.h"

namespace consilience::cuda_emulator {
namespace {

constexpr size_t kAlignment = 256;  // as cudaMalloc's

const void* pointer(uintptr_t at) { return reinterpret_cast<const void*>(at); }

const char* name_of(Place place) {
  return place == Place::device ? "device" : (place == Place::pinned ? "pinned" : "registered");
}

}  // namespace

Memory& Memory::get() {
  static Memory memory;
  return memory;
}

void* Memory::allocate(Place place, int device, size_t size, uint64_t seed) {
  if (size == 0) return nullptr;
  void* data = nullptr;
  if (posix_memalign(&data, kAlignment, size) != 0) throw std::bad_alloc();
  fill_with_garbage(data, size, seed);
  const std::scoped_lock lock(mutex_);
  allocations_[reinterpret_cast<uintptr_t>(data)] = {size, place, device};
  if (place == Place::device) {
    live_[device] += size;
    peak_ = std::max(peak_, live_[device]);
    if (open_ == 0) poison(data, size);
  }
  return data;
}

void Memory::register_host(void* data, size_t size) {
  const std::scoped_lock lock(mutex_);
  allocations_[reinterpret_cast<uintptr_t>(data)] = {size, Place::registered, -1};
}

bool Memory::release(Place place, void* data) {
  const std::scoped_lock lock(mutex_);
  const auto found = allocations_.find(reinterpret_cast<uintptr_t>(data));
  if (found == allocations_.end() || found->second.place != place) return false;
  const Allocation allocation = found->second;
  allocations_.erase(found);
  if (place == Place::registered) return true;
  if (place == Place::device) {
    live_[allocation.device] -= allocation.size;
    unpoison(data, allocation.size);
  }
  std::free(data);
  return true;
}

size_t Memory::live(int device) const {
  const std::scoped_lock lock(mutex_);
  const auto found = live_.find(device);
  return found == live_.end() ? 0 : found->second;
}

size_t Memory::peak() const {
  const std::scoped_lock lock(mutex_);
  return peak_;
}

void Memory::reset_peak() {
  const std::scoped_lock lock(mutex_);
  peak_ = 0;
  for (const auto& [device, bytes] : live_) peak_ = std::max(peak_, bytes);
}

std::vector<std::string> Memory::leaks() const {
  const std::scoped_lock lock(mutex_);
  std::vector<std::string> lines;
  for (const auto& [begin, allocation] : allocations_)
    lines.push_back(
        fmt::format("{} bytes of {} memory", allocation.size, name_of(allocation.place)));
  return lines;
}

/// The block that holds `data`, or that ends there.
Memory::Allocations::const_iterator Memory::find(const void* data) const {
  const auto at = reinterpret_cast<uintptr_t>(data);
  auto found = allocations_.upper_bound(at);
  if (found == allocations_.begin()) return allocations_.end();
  --found;
  return at <= found->first + found->second.size ? found : allocations_.end();
}

/// The first block with a byte in the range.
Memory::Allocations::const_iterator Memory::touched(uintptr_t begin, size_t size) const {
  auto found = allocations_.upper_bound(begin);
  if (found != allocations_.begin()) {
    const auto before = std::prev(found);
    if (begin < before->first + before->second.size) return before;
  }
  return found != allocations_.end() && found->first < begin + size ? found : allocations_.end();
}

bool Memory::overlaps(const void* data, size_t size) const {
  const std::scoped_lock lock(mutex_);
  return touched(reinterpret_cast<uintptr_t>(data), size) != allocations_.end();
}

bool Memory::is_device(const void* data) const {
  const std::scoped_lock lock(mutex_);
  const auto found = touched(reinterpret_cast<uintptr_t>(data), 1);
  return found != allocations_.end() && found->second.place == Place::device;
}

void Memory::expect_on_device(const void* data, size_t size, int device, const char* call) const {
  if (size == 0) return;
  const std::scoped_lock lock(mutex_);
  const auto found = find(data);
  if (found == allocations_.end() || found->second.place != Place::device) {
    throw Fault(fmt::format("{}: {} bytes at {} are not device memory", call, size, data));
  }
  const size_t offset = reinterpret_cast<uintptr_t>(data) - found->first;
  if (size > found->second.size - offset) {
    throw Fault(fmt::format("{}: {} bytes from byte {} of a device block of {} bytes", call, size,
                            offset, found->second.size));
  }
  if (device >= 0 && found->second.device != device) {
    throw Fault(fmt::format("{}: memory of device {}, expected device {}", call,
                            found->second.device, device));
  }
}

void Memory::expect_on_host(const void* data, size_t size, const char* call) const {
  if (size == 0) return;
  const std::scoped_lock lock(mutex_);
  const auto found = touched(reinterpret_cast<uintptr_t>(data), size);
  if (data == nullptr || (found != allocations_.end() && found->second.place == Place::device)) {
    throw Fault(fmt::format("{}: {} bytes at {} are not host memory", call, size, data));
  }
  if (found != allocations_.end() && found->second.place == Place::pinned &&
      reinterpret_cast<uintptr_t>(data) + size > found->first + found->second.size) {
    throw Fault(fmt::format("{}: {} bytes reach beyond a pinned block of {} bytes", call, size,
                            found->second.size));
  }
}

void Memory::expect_reachable(const void* data, int device) const {
  if (data == nullptr) return;
  const std::scoped_lock lock(mutex_);
  const auto found = find(data);
  if (found == allocations_.end()) {
    throw Fault(fmt::format("a kernel is given {}, which is no device or pinned memory", data));
  }
  if (found->second.place == Place::device && found->second.device != device) {
    throw Fault(fmt::format("a kernel on device {} is given memory of device {}", device,
                            found->second.device));
  }
}

void Memory::open() {
  const std::scoped_lock lock(mutex_);
  if (open_++ == 0) unpoison_all();
}

void Memory::close() {
  const std::scoped_lock lock(mutex_);
  if (--open_ == 0) poison_all();
}

void Memory::poison_all() const {
  if constexpr (!kAddressSanitizer) return;
  for (const auto& [begin, allocation] : allocations_)
    if (allocation.place == Place::device) poison(pointer(begin), allocation.size);
}

void Memory::unpoison_all() const {
  if constexpr (!kAddressSanitizer) return;
  for (const auto& [begin, allocation] : allocations_)
    if (allocation.place == Place::device) unpoison(pointer(begin), allocation.size);
}

}  // namespace consilience::cuda_emulator
