#include "kernels/base/philox.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace consilience::kernels {
namespace {

// kat_vectors of Random123 (Salmon et al.): philox4x32, 10 rounds.
TEST(Philox, PublishedVectors) {
  EXPECT_EQ(philox4x32({0, 0, 0, 0}, 0),
            (PhiloxBlock{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox4x32({~0U, ~0U, ~0U, ~0U}, ~uint64_t{0}),
            (PhiloxBlock{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, 0x299f31d0a4093822),
            (PhiloxBlock{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Philox, DrawTakesTheFirstTwoWords) {
  const PhiloxBlock block = philox4x32({5, 7, 2, 11}, 99);
  EXPECT_EQ(draw(99, 5, 7, Purpose::split, 11), uint64_t{block[1]} << 32 | block[0]);
}

TEST(Permutation, SortsTheIndicesByTheirDraws) {
  const auto p = permutation(3, 1, Purpose::permutation, 9, 500);
  for (size_t i = 1; i < p.size(); ++i) {
    EXPECT_LT(draw(3, static_cast<uint32_t>(p[i - 1]), 1, Purpose::permutation, 9),
              draw(3, static_cast<uint32_t>(p[i]), 1, Purpose::permutation, 9));
  }
  auto sorted = p;
  std::ranges::sort(sorted);
  for (size_t i = 0; i < p.size(); ++i) EXPECT_EQ(sorted[i], static_cast<int32_t>(i));
  EXPECT_NE(p, permutation(3, 2, Purpose::permutation, 9, 500));
  EXPECT_NE(p, permutation(3, 1, Purpose::permutation, 8, 500));
}

TEST(Permutation, RowsStayWithinTheirBlock) {
  std::vector<int32_t> block(300);
  for (size_t i = 0; i < block.size(); ++i) block[i] = static_cast<int32_t>(i * i % 5);
  const auto p = permutation(3, 1, Purpose::permutation, 9, 300, block);
  std::vector<bool> seen(p.size());
  int moved = 0;
  for (size_t i = 0; i < p.size(); ++i) {
    const auto to = static_cast<size_t>(p[i]);
    EXPECT_EQ(block[to], block[i]);
    EXPECT_FALSE(seen[to]);
    seen[to] = true;
    moved += to != i;
  }
  EXPECT_GT(moved, 250);
}

TEST(Permutation, OfNothing) { EXPECT_TRUE(permutation(1, 1, Purpose::permutation, 1, 0).empty()); }

}  // namespace
}  // namespace consilience::kernels
