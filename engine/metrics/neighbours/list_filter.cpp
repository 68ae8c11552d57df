#include "engine/metrics/neighbours/list_filter.h"

#include <algorithm>
#include <bit>

namespace consilience::engine {

ListFilter::ListFilter(kernels::ListView lists, int k)
    : lists_(lists),
      k_(static_cast<size_t>(k)),
      mask_(std::bit_ceil(std::max<uint32_t>(64, 16 * static_cast<uint32_t>(k))) - 1),
      words_((mask_ + size_t{1}) / 64),
      named_(static_cast<size_t>(lists.rows()) * words_) {
  for (int64_t i = 0; i < lists.rows(); ++i) {
    uint64_t* const row = named_.data() + static_cast<size_t>(i) * words_;
    for (const int32_t j : lists.row(i).first(k_)) {
      const uint32_t bit = static_cast<uint32_t>(j) & mask_;
      row[bit / 64] |= uint64_t{1} << (bit % 64);
    }
  }
}

int64_t ListFilter::shared(kernels::ListView a, std::span<const int32_t> relabelling) const {
  const int32_t* const to = relabelling.empty() ? nullptr : relabelling.data();
  int64_t count = 0;
  for (int64_t i = 0; i < a.rows(); ++i) {
    const int64_t row = to == nullptr ? i : to[i];
    const uint64_t* const named = named_.data() + static_cast<size_t>(row) * words_;
    const int32_t* const list = lists_.row(row).data();
    for (const int32_t entry : a.row(i).first(k_)) {
      const int32_t j = to == nullptr ? entry : to[entry];
      const uint32_t bit = static_cast<uint32_t>(j) & mask_;
      if ((named[bit / 64] >> (bit % 64) & 1) == 0) continue;
      count += std::find(list, list + k_, j) != list + k_;
    }
  }
  return count;
}

}  // namespace consilience::engine
