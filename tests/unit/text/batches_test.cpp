#include "engine/text/batches.h"

#include <gtest/gtest.h>

#include <numeric>

namespace consilience::engine {
namespace {

TokenPack pack_of(const std::vector<int64_t>& lengths) {
  TokenPack pack;
  pack.offsets.push_back(0);
  for (const int64_t length : lengths) {
    for (int64_t t = 0; t < length; ++t) pack.ids.push_back(static_cast<int32_t>(10 + t));
    pack.offsets.push_back(pack.offsets.back() + length);
    pack.bytes.push_back(length);
  }
  return pack;
}

TEST(PlanBatches, SortedByLengthWithinTheBudgetEachRowOnce) {
  const TokenPack pack = pack_of({3, 9, 3, 5, 12, 1, 3});
  const std::vector<int64_t> rows{0, 1, 2, 3, 4, 6};
  const auto batches = plan_batches(pack, rows, 10);
  std::vector<std::vector<int64_t>> found;
  for (const TextBatch& batch : batches) {
    found.push_back(batch.rows);
    const int64_t padded = static_cast<int64_t>(batch.rows.size()) * batch.length;
    EXPECT_TRUE(batch.rows.size() == 1 || padded <= 10);
  }
  EXPECT_EQ(found, (std::vector<std::vector<int64_t>>{{4}, {1}, {3, 0}, {2, 6}}));
  EXPECT_EQ(batches[2].length, 5);
}

TEST(PlanBatches, NoRowsNoBatches) { EXPECT_TRUE(plan_batches(pack_of({2}), {}, 8).empty()); }

TEST(Pad, BothSides) {
  const TokenPack pack = pack_of({3, 1});
  const TextBatch batch{{0, 1}, 3};
  const PaddedTokens right = pad(pack, batch, 7, false);
  EXPECT_EQ(right.ids, (std::vector<int64_t>{10, 11, 12, 10, 7, 7}));
  EXPECT_EQ(right.mask, (std::vector<int64_t>{1, 1, 1, 1, 0, 0}));
  const PaddedTokens left = pad(pack, batch, 7, true);
  EXPECT_EQ(left.ids, (std::vector<int64_t>{10, 11, 12, 7, 7, 10}));
  EXPECT_EQ(left.mask, (std::vector<int64_t>{1, 1, 1, 0, 0, 1}));
}

}  // namespace
}  // namespace consilience::engine
