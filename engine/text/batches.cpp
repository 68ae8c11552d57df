#include "engine/text/batches.h"

#include <algorithm>

namespace consilience::engine {
namespace {

int64_t length_of(const TokenPack& pack, int64_t row) {
  return static_cast<int64_t>(pack.row(row).size());
}

}  // namespace

std::vector<TextBatch> plan_batches(const TokenPack& pack, std::span<const int64_t> rows,
                                    int64_t token_budget) {
  std::vector<int64_t> order(rows.begin(), rows.end());
  std::sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
    const int64_t length_a = length_of(pack, a);
    const int64_t length_b = length_of(pack, b);
    return length_a != length_b ? length_a > length_b : a < b;
  });
  std::vector<TextBatch> batches;
  for (const int64_t row : order) {
    const bool full = batches.empty() || (static_cast<int64_t>(batches.back().rows.size()) + 1) *
                                                 batches.back().length >
                                             token_budget;
    if (full) batches.push_back({{}, length_of(pack, row)});
    batches.back().rows.push_back(row);
  }
  return batches;
}

PaddedTokens pad(const TokenPack& pack, const TextBatch& batch, int64_t padding_id, bool pad_left) {
  const auto length = static_cast<size_t>(batch.length);
  PaddedTokens padded{std::vector<int64_t>(batch.rows.size() * length, padding_id),
                      std::vector<int64_t>(batch.rows.size() * length, 0)};
  for (size_t b = 0; b < batch.rows.size(); ++b) {
    const std::span<const int32_t> ids = pack.row(batch.rows[b]);
    const size_t start = b * length + (pad_left ? length - ids.size() : 0);
    std::copy(ids.begin(), ids.end(), padded.ids.begin() + static_cast<ptrdiff_t>(start));
    std::fill_n(padded.mask.begin() + static_cast<ptrdiff_t>(start), ids.size(), 1);
  }
  return padded;
}

}  // namespace consilience::engine
