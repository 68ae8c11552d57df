#pragma once
#include <string>

#include "engine/types/graph.h"

namespace consilience::engine {

/// `conditioning` (describe(...)) for one layer pair: where the quantile of sparse features was 0,
/// nothing was clamped and the text says so. Both sides: "clamp=off(sparse), l2"; only b:
/// "clamp=0.95/layer|off(sparse), l2"; only a: "clamp=off(sparse)|0.95/layer, l2".
[[nodiscard]] std::string describe_pair(const std::string& conditioning, const GraphFacts& a,
                                        const GraphFacts& b);

}  // namespace consilience::engine
