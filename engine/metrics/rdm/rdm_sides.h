#pragma once
#include <string>
#include <vector>

#include "engine/metrics/kernel/pairwise_layer.h"

namespace consilience::engine {

/// The dissimilarity matrices of two sides.
struct RdmSides {
  std::vector<PairwiseLayer> a, b;        // of the layers without a reason
  std::vector<std::string> why_a, why_b;  // [layers] why a layer has none, or ""
};

}  // namespace consilience::engine
