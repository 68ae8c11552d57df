#include "kernels/cpu/block_pairs.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <set>
#include <thread>

namespace consilience::kernels::cpu {
namespace {

TEST(BlockPairs, EveryPairOnce) {
  for (const int64_t blocks : {1, 2, 3, 4, 7, 8}) {
    std::set<std::pair<int64_t, int64_t>> seen;
    for (const auto& [a, b] : circulant_pairs(blocks)) {
      EXPECT_TRUE(seen.insert(std::minmax(a, b)).second) << a << " with " << b;
      EXPECT_NE(a, b);
    }
    EXPECT_EQ(static_cast<int64_t>(seen.size()), blocks * (blocks - 1) / 2) << blocks;
  }
}

TEST(BlockPairs, NoBlockIsInTwoHands) {
  constexpr int64_t kBlocks = 9;
  PairQueue queue(circulant_pairs(kBlocks), kBlocks);
  std::vector<std::atomic<int>> hands(kBlocks);
  std::atomic<int> taken = 0;
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      while (const auto pair = queue.claim()) {
        EXPECT_EQ(hands[static_cast<size_t>((*pair)->first)]++, 0);
        EXPECT_EQ(hands[static_cast<size_t>((*pair)->second)]++, 0);
        std::this_thread::sleep_for(std::chrono::microseconds(200));
        --hands[static_cast<size_t>((*pair)->first)];
        --hands[static_cast<size_t>((*pair)->second)];
        ++taken;
      }
    });
  }
  threads.clear();
  EXPECT_EQ(taken, kBlocks * (kBlocks - 1) / 2);
}

TEST(BlockPairs, APairIsFreeAgainWhenItsHolderThrows) {
  PairQueue queue(circulant_pairs(3), 3);
  EXPECT_THROW(
      {
        const auto pair = queue.claim();
        throw std::bad_alloc();
      },
      std::bad_alloc);
  int left = 0;
  while (queue.claim()) ++left;  // would wait for ever
  EXPECT_EQ(left, 2);
}

}  // namespace
}  // namespace consilience::kernels::cpu
