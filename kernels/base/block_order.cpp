#include "kernels/base/block_order.h"

#include <numeric>
#include <utility>

#include "kernels/base/philox.h"

namespace consilience::kernels {

std::vector<BlockPair> circulant_pairs(int64_t blocks) {
  std::vector<BlockPair> pairs;
  for (int64_t step = 1; step <= blocks / 2; ++step) {
    const bool half = 2 * step == blocks;  // the last diagonal of an even number meets itself
    for (int64_t block = 0; block < (half ? step : blocks); ++block) {
      pairs.push_back({block, (block + step) % blocks});
    }
  }
  return pairs;
}

std::vector<int32_t> shuffled(int64_t count) {
  std::vector<int32_t> order(static_cast<size_t>(count));
  std::iota(order.begin(), order.end(), 0);
  constexpr uint64_t kSeed = 0x7368756666;  // any
  for (size_t last = order.size(); last > 1; --last) {
    const auto bits = philox4x32({static_cast<uint32_t>(last), 0, 0, 0}, kSeed);
    std::swap(order[last - 1], order[(uint64_t{bits[0]} * last) >> 32]);
  }
  return order;
}

}  // namespace consilience::kernels
