#pragma once
#include <string>

#include "engine/base/json.h"
#include "engine/store/store.h"
#include "engine/types/graph.h"

namespace consilience::engine {

/// "graphs/<key>/<layer>-<pool>-<hash8>.json". `key`: "<model>@<hash8>" of the features;
/// `task_hash`: feature digest, conditioning, K, groups.
[[nodiscard]] std::string graph_record_name(const std::string& key, const std::string& layer,
                                            const std::string& pooling,
                                            const std::string& task_hash);

/// `inputs`: what the task hash covers, readable. Data: neighbours int32 [n, K], scores f64 [n, K],
/// next f64 [n], ties int32 [n]; a graph with a reason has none.
void write_graph(const Store& store, const std::string& name, const LayerGraph& graph,
                 const Json& inputs);
/// Throws Error(never) naming the record when it is no graph, or its data disagrees.
[[nodiscard]] LayerGraph read_graph(const Store& store, const std::string& name);

}  // namespace consilience::engine
