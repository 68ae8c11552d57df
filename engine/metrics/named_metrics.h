#pragma once
#include <vector>

#include "engine/types/metric_spec.h"

namespace consilience::engine {

/// What `consilience compare` shows unless told otherwise: the metrics that papers quote most.
[[nodiscard]] std::vector<MetricSpec> usual_metrics();

/// Every metric with its default parameters: both directions where there are two, both sides where
/// it is of one space.
[[nodiscard]] std::vector<MetricSpec> all_metrics();

}  // namespace consilience::engine
