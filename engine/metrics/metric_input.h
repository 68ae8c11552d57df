#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/types/graph.h"
#include "kernels/ops/condition.h"

namespace consilience::engine {

/// One layer as metrics see it.
struct LayerInput {
  std::string name;                              // "<layer>/<pooling>"
  std::string reason;                            // not empty: undefined, whatever the metric
  const NeighborGraph* graph = nullptr;          // where the metric needs graphs
  std::optional<kernels::Conditioned> features;  // where it needs features: the values of [n, d]
};

/// One side of a comparison: views, so what they look at must outlive it.
struct ModelInput {
  std::string model;
  int64_t rows = 0;  // n
  std::vector<LayerInput> layers;
  std::span<const int32_t> classes;  // [n] or empty: class ids of the samples
  std::span<const int32_t> groups;   // [n] or empty: sibling ids of the samples
};

}  // namespace consilience::engine
