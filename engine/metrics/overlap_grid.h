#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/types/graph.h"
#include "engine/types/score.h"
#include "kernels/ops/overlap.h"

namespace consilience::engine {

/// The layers of one model that a k-NN metric is defined for.
struct UsableLayers {
  std::vector<int64_t> layer;            // positions in ModelGraphs::layers
  std::vector<kernels::ListView> lists;  // their lists, alike
  std::vector<std::string> reasons;      // [all layers], "" where usable
};

/// Throws Error(never) when a graph has the wrong number of rows, or keeps fewer than k neighbours
/// although n allows more.
[[nodiscard]] UsableLayers usable_layers(const ModelGraphs& model, int k);

/// Error(never) unless both have the same number of rows.
void expect_same_rows(const ModelGraphs& a, const ModelGraphs& b);

}  // namespace consilience::engine
