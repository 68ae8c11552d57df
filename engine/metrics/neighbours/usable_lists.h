#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "engine/metrics/metric_input.h"
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

/// Why this layer has no lists of k neighbours, or "". Throws as usable_lists.
[[nodiscard]] std::string list_reason(const LayerInput& layer, int64_t rows, int k);

}  // namespace consilience::engine
