#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "engine/metrics/metric_input.h"
#include "engine/metrics/neighbours/row_lists.h"
#include "kernels/ops/overlap.h"

namespace consilience::engine {

/// The layers of one side whose graphs keep k neighbours a row.
struct UsableLists {
  std::vector<int64_t> layer;            // positions in ModelInput::layers
  std::vector<kernels::ListView> lists;  // their lists, alike
  std::vector<std::string> reasons;      // [all layers], "" where usable
};

/// Throws Error(never) when a graph is missing, has the wrong number of rows, or keeps fewer than k
/// neighbours although n allows more.
[[nodiscard]] UsableLists usable_lists(const ModelInput& model, int k);

/// Why the scores of the listed neighbours can't be read, or "": halves keep their order alone.
[[nodiscard]] std::string score_reason(const LayerInput& layer);

/// Why this layer has no lists of k neighbours, or "". Throws as usable_lists.
[[nodiscard]] std::string list_reason(const LayerInput& layer, int64_t rows, int k);

/// list_reason of both sides, as prepare_cells takes it; it looks into neither.
[[nodiscard]] std::function<std::string(const LayerInput&, const LayerInput&)> lists_reason(
    int64_t rows, int k);

/// The first k entries of every layer's lists; empty where there is a reason.
[[nodiscard]] std::vector<RowLists> first_lists(const ModelInput& model, int k);
/// Which rows list each row among their first k, alike.
[[nodiscard]] std::vector<RowLists> listing_rows(const ModelInput& model, int k);

}  // namespace consilience::engine
