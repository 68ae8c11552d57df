#include "engine/metrics/neighbours/row_lists.h"

namespace consilience::engine {

void RowLists::push_row(std::span<const int32_t> list) {
  if (begin_.empty()) begin_.push_back(0);
  entries_.insert(entries_.end(), list.begin(), list.end());
  begin_.push_back(entries_.size());
}

RowLists RowLists::first_columns(kernels::ListView lists, int64_t columns) {
  RowLists packed;
  for (int64_t i = 0; i < lists.rows(); ++i)
    packed.push_row(lists.row(i).first(static_cast<size_t>(columns)));
  return packed;
}

RowLists RowLists::listed_by(kernels::ListView lists, int64_t columns) {
  const auto width = static_cast<size_t>(columns);
  RowLists reversed;
  reversed.begin_.assign(static_cast<size_t>(lists.rows()) + 1, 0);
  for (int64_t i = 0; i < lists.rows(); ++i)
    for (const int32_t j : lists.row(i).first(width)) ++reversed.begin_[static_cast<size_t>(j) + 1];
  for (size_t j = 1; j < reversed.begin_.size(); ++j) reversed.begin_[j] += reversed.begin_[j - 1];
  reversed.entries_.resize(reversed.begin_.back());
  std::vector<size_t> next = reversed.begin_;
  for (int64_t i = 0; i < lists.rows(); ++i)
    for (const int32_t j : lists.row(i).first(width))
      reversed.entries_[next[static_cast<size_t>(j)]++] = static_cast<int32_t>(i);
  return reversed;
}

}  // namespace consilience::engine
