#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/graphs/condition_layer.h"
#include "engine/metrics/metric_input.h"
#include "engine/types/features.h"

namespace consilience::engine {

/// All layers of one model, conditioned.
struct ConditionedModel {
  std::vector<FeatureSlot> slots;
  std::vector<ConditionedLayer> layers;
};

[[nodiscard]] ConditionedModel condition_model(const kernels::Context& context,
                                               const FeatureView& features,
                                               const std::string& model,
                                               const Conditioning& conditioning);

/// Class and sibling numbers of the samples, [n] or empty.
struct SampleLabels {
  std::vector<int32_t> classes, groups;
};

/// One side as metrics see it, looking into what is given; graphs or features may be null, not
/// both.
[[nodiscard]] ModelInput model_input(const std::string& model, int64_t rows,
                                     const ModelGraphs* graphs, const ConditionedModel* features,
                                     const SampleLabels& labels);

}  // namespace consilience::engine
