#pragma once
#include <gtest/gtest.h>

#include <functional>
#include <map>

#include "engine/extract/extract.h"
#include "tests/support/source_dir.h"

/// Tiny models, data for them and a sink that keeps chunks in memory.
namespace consilience::engine {

inline const std::string kPackages = source_dir() + "/tests/unit/models/packages/";

/// Keeps chunks; a second run may start where the first one stopped.
class MemorySink : public FeatureSink {
 public:
  [[nodiscard]] bool has_chunk(int64_t first) const override { return chunks.contains(first); }
  void accept(const FeatureChunk& chunk) override {
    EXPECT_TRUE(chunks.empty() || resumed || chunks.rbegin()->first < chunk.first_row);
    chunks[chunk.first_row] = chunk;
    if (after_accept) after_accept();
  }
  std::map<int64_t, FeatureChunk> chunks;
  bool resumed = false;
  std::function<void()> after_accept;
};

inline void expect_equal(const MemorySink& a, const MemorySink& b) {
  ASSERT_EQ(a.chunks.size(), b.chunks.size());
  for (const auto& [first, chunk] : a.chunks) {
    const FeatureChunk& other = b.chunks.at(first);
    ASSERT_EQ(chunk.slots.size(), other.slots.size());
    for (size_t s = 0; s < chunk.slots.size(); ++s)
      EXPECT_EQ(chunk.slots[s].values(), other.slots[s].values()) << "rows from " << first;
    EXPECT_EQ(chunk.scalars.values(), other.scalars.values());
  }
}

inline constexpr int64_t kRows = 37;

inline DataSet captions() {
  DataSet data;
  for (int64_t i = 0; i < kRows; ++i)
    data.samples.push_back({"s" + std::to_string(i), "", "caption", "", ""});
  data.valid.assign(kRows, 1);
  data.valid[5] = data.valid[20] = 0;
  return data;
}

inline TokenPack tokens() {
  TokenPack pack;
  pack.offsets.push_back(0);
  for (int64_t i = 0; i < kRows; ++i) {
    const int64_t length = 1 + i * 7 % 11;
    for (int64_t t = 0; t < length; ++t)
      pack.ids.push_back(static_cast<int32_t>((i * 5 + t * 3) % 31 + 1));
    pack.offsets.push_back(pack.offsets.back() + length);
    pack.bytes.push_back(100 + i);
  }
  return pack;
}

inline const std::vector<FeatureSlot> kSlots{
    {"embedding", "mean", 8}, {"block_0", "last", 6}, {"block_0", "mean", 6}};

}  // namespace consilience::engine
