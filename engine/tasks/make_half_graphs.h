#pragma once
#include "engine/graphs/build_graphs.h"
#include "engine/inference/half_splits.h"

namespace consilience::engine {

/// Half-graphs of a model whose features are at hand, so that rows left short are made anew.
/// Beyond 20,000 rows stored lists are as short as k and every row would be: there is a reason
/// instead.
[[nodiscard]] HalfGraphs make_half_graphs(const kernels::Context& context,
                                          const FeatureView& features, const ModelGraphs& graphs,
                                          const GraphRequest& request, int k,
                                          const HalfSplits& splits);

}  // namespace consilience::engine
