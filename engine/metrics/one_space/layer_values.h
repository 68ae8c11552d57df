#pragma once
#include <functional>
#include <limits>
#include <string>

#include "engine/metrics/prepared_grid.h"

namespace consilience::engine {

/// What a metric of one space says of a layer.
struct LayerValue {
  double value = std::numeric_limits<double>::quiet_NaN();
  std::string reason = {};  // not empty: undefined
  std::string remark = {};
};

[[nodiscard]] LayerValue undefined_layer(std::string reason);

/// The grid [A, 1] of all layers, evaluated now: no relabelling changes it. Layers that are
/// undefined by themselves keep their reason and are passed over.
[[nodiscard]] PreparedGrid grid_of_layers(
    const ModelInput& side, const std::function<LayerValue(const LayerInput&)>& evaluate);

/// The same for metrics that read graphs or rows as they are handed over, where "standardise" is
/// not done: undefined, with that reason.
[[nodiscard]] PreparedGrid grid_as_given(
    const MetricSpec& metric, const ModelInput& side,
    const std::function<LayerValue(const LayerInput&)>& evaluate);

}  // namespace consilience::engine
