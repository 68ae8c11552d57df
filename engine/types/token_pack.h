#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace consilience::engine {

/// The captions of a data set under one tokenizer, special tokens included.
struct TokenPack {
  std::vector<int32_t> ids;      // [total]
  std::vector<int64_t> offsets;  // [n + 1] where each row starts in ids
  std::vector<int64_t> bytes;    // [n] UTF-8 length of the text that the row's tokens stand for
  std::vector<uint8_t> truncated = {};  // [n] 1: the caption was longer, its end is cut off

  [[nodiscard]] int64_t rows() const { return static_cast<int64_t>(bytes.size()); }
  [[nodiscard]] std::span<const int32_t> row(int64_t i) const {
    const auto begin = static_cast<size_t>(offsets[static_cast<size_t>(i)]);
    const auto end = static_cast<size_t>(offsets[static_cast<size_t>(i) + 1]);
    return std::span<const int32_t>(ids).subspan(begin, end - begin);
  }
};

}  // namespace consilience::engine
