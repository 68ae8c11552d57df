#pragma once
#include <cstdint>

namespace consilience::kernels::cuda::device {

/// 32 counters of one thread, counter b in bit b of the planes: a mask adds 1 to each counter whose
/// bit it has, for all 32 at once.
class BitCounters {
 public:
  static constexpr int kGroup = 7;  // masks that are added together
  /// Masks that may be added before the counters are read.
  static constexpr int64_t kMost = (int64_t{1} << 12) - 1;

  __device__ void clear() {
    for (int p = 0; p < kPlanes; ++p) planes_[p] = 0;
  }

  __device__ void add(const unsigned (&mask)[kGroup]) {
    Pair a = full(mask[0], mask[1], mask[2]);
    Pair b = full(mask[3], mask[4], mask[5]);
    const Pair ones = full(a.sum, b.sum, mask[6]);
    const Pair twos = full(a.carry, b.carry, ones.carry);
    Pair next = full(planes_[0], ones.sum, 0);
    planes_[0] = next.sum;
    next = full(planes_[1], twos.sum, next.carry);
    planes_[1] = next.sum;
    next = full(planes_[2], twos.carry, next.carry);
    planes_[2] = next.sum;
    for (int p = 3; p < kPlanes; ++p) {
      next = full(planes_[p], next.carry, 0);
      planes_[p] = next.sum;
    }
  }

  [[nodiscard]] __device__ unsigned value(int b) const {
    unsigned value = 0;
    for (int p = 0; p < kPlanes; ++p) value |= (planes_[p] >> b & 1U) << p;
    return value;
  }

 private:
  static constexpr int kPlanes = 12;

  struct Pair {
    unsigned sum, carry;
  };
  __device__ static Pair full(unsigned x, unsigned y, unsigned z) {
    return {x ^ y ^ z, (x & y) | (x & z) | (y & z)};
  }

  unsigned planes_[kPlanes];
};

}  // namespace consilience::kernels::cuda::device
