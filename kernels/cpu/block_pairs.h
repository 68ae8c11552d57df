#pragma once
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "kernels/base/block_order.h"

namespace consilience::kernels::cpu {

/// Hands every pair to one thread, while no other works on either of its blocks.
class PairQueue {
 public:
  PairQueue(std::vector<BlockPair> pairs, int64_t blocks);

  /// A pair in one thread's hands, until this ends, in whatever way.
  class Hold {
   public:
    Hold(PairQueue& queue, BlockPair pair) : queue_(&queue), pair_(pair) {}
    Hold(Hold&& other) noexcept
        : queue_(std::exchange(other.queue_, nullptr)), pair_(other.pair_) {}
    Hold& operator=(Hold&&) = delete;
    ~Hold() {
      if (queue_ != nullptr) queue_->release(pair_);
    }
    [[nodiscard]] const BlockPair* operator->() const { return &pair_; }

   private:
    PairQueue* queue_;
    BlockPair pair_;
  };

  /// The next pair that is free; waits where all that are left touch blocks in other hands.
  [[nodiscard]] std::optional<Hold> claim();

 private:
  void release(BlockPair pair);

  std::vector<BlockPair> left_;
  size_t next_ = 0;  // all before it are taken
  std::vector<bool> busy_;
  std::mutex mutex_;
  std::condition_variable released_;
};

}  // namespace consilience::kernels::cpu
