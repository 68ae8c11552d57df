#pragma once
#include "engine/graphs/condition_layer.h"
#include "engine/types/graph.h"

namespace consilience::engine {

/// Rows that equal an earlier row after clamping (-0 equals 0).
[[nodiscard]] int64_t count_duplicates(MatrixView<const float> x, float clamp);

/// Facts of the first k columns; the clamp and duplicate facts are left as they are.
void add_list_facts(const NeighborGraph& graph, int k, GraphFacts& facts);

}  // namespace consilience::engine
