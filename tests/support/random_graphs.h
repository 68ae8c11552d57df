#pragma once
#include <string>
#include <utility>

#include "engine/types/graph.h"
#include "tests/support/random_matrix.h"

namespace consilience::testing {

/// A model whose layers have random lists of `capacity` distinct rows; no scores.
inline engine::ModelGraphs random_model(const std::string& name, const std::string& modality,
                                        int64_t n, int capacity, int layers, uint64_t seed) {
  engine::ModelGraphs model{name, modality, n, {}};
  for (int l = 0; l < layers; ++l) {
    engine::LayerGraph layer{"block_" + std::to_string(l), "mean", {}};
    layer.graph.index = random_lists(n, capacity, seed * 1000 + static_cast<uint64_t>(l));
    model.layers.push_back(std::move(layer));
  }
  return model;
}

}  // namespace consilience::testing
