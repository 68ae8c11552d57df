#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "engine/types/token_pack.h"

namespace consilience::engine {

/// Rows that run together, padded to the longest.
struct TextBatch {
  std::vector<int64_t> rows;
  int64_t length = 0;  // T
};

/// Rows sorted by length (longest first, ties by row) and cut so that padded size stays within
/// `token_budget`; a row that is longer by itself runs alone. A pure function of its arguments.
[[nodiscard]] std::vector<TextBatch> plan_batches(const TokenPack& pack,
                                                  std::span<const int64_t> rows,
                                                  int64_t token_budget);

/// [B, T], row-major.
struct PaddedTokens {
  std::vector<int64_t> ids;
  std::vector<int64_t> mask;
};

[[nodiscard]] PaddedTokens pad(const TokenPack& pack, const TextBatch& batch, int64_t padding_id,
                               bool pad_left);

}  // namespace consilience::engine
