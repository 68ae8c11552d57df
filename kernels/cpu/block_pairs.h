#pragma once
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

namespace consilience::kernels::cpu {

struct BlockPair {
  int64_t first;
  int64_t second;
};

/// The pairs of different blocks, each once, along the diagonals of a circulant: (I, I + step) for
/// step 1, 2, .. so that every block meets the others at the same pace.
[[nodiscard]] std::vector<BlockPair> circulant_pairs(int64_t blocks);

/// Hands every pair to one thread, while no other works on either of its blocks.
class PairQueue {
 public:
  PairQueue(std::vector<BlockPair> pairs, int64_t blocks);

  /// The next pair that is free; waits where all that are left touch blocks in other hands.
  [[nodiscard]] std::optional<BlockPair> claim();
  void release(BlockPair pair);

 private:
  std::vector<BlockPair> left_;
  size_t next_ = 0;  // all before it are taken
  std::vector<bool> busy_;
  std::mutex mutex_;
  std::condition_variable released_;
};

}  // namespace consilience::kernels::cpu
