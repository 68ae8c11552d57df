#include "kernels/cpu/block_pairs.h"

#include <algorithm>
#include <utility>

namespace consilience::kernels::cpu {

PairQueue::PairQueue(std::vector<BlockPair> pairs, int64_t blocks)
    : left_(std::move(pairs)), busy_(static_cast<size_t>(blocks)) {}

std::optional<PairQueue::Hold> PairQueue::claim() {
  const auto busy = [&](int64_t block) { return busy_[static_cast<size_t>(block)]; };
  std::unique_lock lock(mutex_);
  while (next_ < left_.size()) {
    const auto from = left_.begin() + static_cast<std::ptrdiff_t>(next_);
    const auto found = std::find_if(from, left_.end(), [&](const BlockPair& pair) {
      return !busy(pair.first) && !busy(pair.second);
    });
    if (found == left_.end()) {
      released_.wait(lock);
      continue;
    }
    const BlockPair pair = *found;
    std::rotate(from, found, found + 1);  // the others keep their order
    ++next_;
    busy_[static_cast<size_t>(pair.first)] = busy_[static_cast<size_t>(pair.second)] = true;
    return std::optional<Hold>(std::in_place, *this, pair);
  }
  return std::nullopt;
}

void PairQueue::release(BlockPair pair) {
  const std::lock_guard lock(mutex_);
  busy_[static_cast<size_t>(pair.first)] = busy_[static_cast<size_t>(pair.second)] = false;
  released_.notify_all();
}

}  // namespace consilience::kernels::cpu
