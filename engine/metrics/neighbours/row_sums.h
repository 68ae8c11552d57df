#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "engine/metrics/neighbours/row_lists.h"
#include "engine/metrics/prepared_grid.h"

namespace consilience::engine {

/// The two lists of one sample, in side b's numbering of the samples.
struct ListPair {
  int64_t layer_a, layer_b;
  int64_t row;     // the sample
  int64_t source;  // its row on side a
  std::span<const int32_t> a;
  std::span<const int32_t> b;
  std::span<const int32_t> place;  // [n]: 1 + where b lists a row, 0: nowhere

  [[nodiscard]] int32_t place_of(int32_t j) const { return place[static_cast<size_t>(j)]; }
};

/// What one sample adds to the sum of a cell.
using RowScore = std::function<double(const ListPair&)>;

/// A metric that is a sum over samples of something of their two lists.
struct RowSums {
  std::vector<RowLists> a, b;                       // [layers], empty where undefined
  std::function<RowScore()> scorer;                 // a fresh one a call, with scratch of its own
  std::function<double(int64_t, int64_t)> divisor;  // [layer of a, layer of b]
  bool mean = true;  // the divisor is n times what a perfect row adds: there are scores per sample
};

/// Fills grid.values, and grid.per_sample for means. Rows are added up in side b's order.
void set_row_sums(PreparedGrid& grid, RowSums sums);

}  // namespace consilience::engine
