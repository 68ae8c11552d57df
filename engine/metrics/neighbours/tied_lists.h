#pragma once
#include <cstdint>
#include <vector>

#include "engine/metrics/metric_input.h"
#include "engine/metrics/neighbours/row_lists.h"
#include "kernels/base/backend.h"

namespace consilience::engine {

/// What one layer's lists of k can hold: rows that are in whatever way ties are broken, then all
/// rows that tie for the places left.
struct TiedLists {
  RowLists members;              // row by row, certain ones first
  std::vector<int32_t> certain;  // [n] how many of them are
};

/// Rows outside a graph's lists that tie with their last entry are found again from the features.
/// Throws Error(never) where those are needed and missing.
[[nodiscard]] TiedLists tied_lists(const kernels::Context& context, const ModelInput& model,
                                   const LayerInput& layer, int k);

/// How many rows two such lists share at least and at most.
struct TieCounts {
  int64_t certain = 0;             // certain in both
  int64_t free_a = 0, free_b = 0;  // certain in one, tied in the other: a's tied rows, b's
  int64_t free_both = 0;           // tied in both
  int64_t tied_a = 0, tied_b = 0;  // all tied rows
  int64_t open_a = 0, open_b = 0;  // places they compete for

  [[nodiscard]] int64_t fewest() const;
  [[nodiscard]] int64_t most() const;
};

}  // namespace consilience::engine
