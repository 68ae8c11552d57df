#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/progress.h"
#include "engine/graphs/condition_layer.h"
#include "engine/types/graph.h"

namespace consilience::engine {

struct GraphRequest {
  std::string model = {};  // for messages
  Conditioning conditioning = {};
  int k = 10;        // the largest k that will be asked for; the facts are taken at it
  int capacity = 0;  // K; 0: list_length(n, k)
  std::vector<int32_t> groups =
      {};  // [n]: rows of one group are no neighbours of each other; or empty
};

/// What neighbours are ranked by: under l2 the Euclidean order is the cosine order (numerics, 2).
[[nodiscard]] kernels::Similarity ranked_by(const Conditioning& conditioning);

/// The exact neighbour graph of one slot, so that a task can commit layer by layer.
/// `fit`: of fit_clamp over the same features.
/// Undefined layers (k >= n, constant, a zero row under l2, a group that leaves fewer than k rows)
/// come back with graph.reason and no lists. Throws Error(never) on NaN or infinity, and as
/// zero_rows says.
[[nodiscard]] LayerGraph build_layer_graph(const kernels::Context& context,
                                           const FeatureView& features, int64_t slot,
                                           const GraphRequest& request, const ClampFit& fit);

/// All slots in order; `progress` (may be null) advances by one a layer. Stops when cancelled.
[[nodiscard]] std::vector<LayerGraph> build_graphs(const kernels::Context& context,
                                                   const FeatureView& features,
                                                   const GraphRequest& request,
                                                   Progress* progress = nullptr);

}  // namespace consilience::engine
