#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/ops/overlap.h"

namespace consilience::engine {

/// A list of rows for every row, of any lengths, packed.
class RowLists {
 public:
  RowLists() = default;

  /// The first `columns` of every list.
  [[nodiscard]] static RowLists first_columns(kernels::ListView lists, int64_t columns);
  /// Row i gets every j, ascending, whose first `columns` name i.
  [[nodiscard]] static RowLists listed_by(kernels::ListView lists, int64_t columns);

  [[nodiscard]] std::span<const int32_t> row(int64_t i) const {
    const auto at = static_cast<size_t>(i);
    return {entries_.data() + begin_[at], begin_[at + 1] - begin_[at]};
  }
  [[nodiscard]] bool empty() const { return begin_.empty(); }
  /// Appends the next row.
  void push_row(std::span<const int32_t> list);

 private:
  std::vector<size_t> begin_;  // [rows + 1]
  std::vector<int32_t> entries_;
};

}  // namespace consilience::engine
