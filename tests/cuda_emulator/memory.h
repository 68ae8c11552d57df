#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace consilience::cuda_emulator {

enum class Place { device, pinned, registered };

/// What a program has allocated: device memory, which is host memory here, and the host memory that
/// devices may reach.
class Memory {
 public:
  static Memory& get();

  void* allocate(Place place, int device, size_t size, uint64_t seed);
  void register_host(void* data, size_t size);
  /// False if nothing of this place begins there.
  bool release(Place place, void* data);

  [[nodiscard]] size_t live(int device) const;
  [[nodiscard]] size_t peak() const;
  void reset_peak();
  [[nodiscard]] bool overlaps(const void* data, size_t size) const;
  [[nodiscard]] std::vector<std::string> leaks() const;

  /// Throws Fault unless [data, data + size) lies in one block of `device` (-1: of any).
  void expect_on_device(const void* data, size_t size, int device, const char* call) const;
  /// Throws Fault if it touches device memory.
  void expect_on_host(const void* data, size_t size, const char* call) const;
  /// Throws Fault unless a kernel on `device` may reach what `data` points to.
  void expect_reachable(const void* data, int device) const;
  [[nodiscard]] bool is_device(const void* data) const;

  /// While operations run, AddressSanitizer lets device memory be read and written.
  void open();
  void close();

 private:
  struct Allocation {
    size_t size;
    Place place;
    int device;
  };
  using Allocations = std::map<uintptr_t, Allocation>;

  [[nodiscard]] Allocations::const_iterator find(const void* data) const;
  [[nodiscard]] Allocations::const_iterator touched(uintptr_t begin, size_t size) const;
  void poison_all() const;
  void unpoison_all() const;

  mutable std::mutex mutex_;
  Allocations allocations_;
  std::map<int, size_t> live_;
  size_t peak_ = 0;
  int open_ = 0;
};

}  // namespace consilience::cuda_emulator
