#pragma once
#include <vector>

#include "engine/types/metric_spec.h"

namespace consilience::engine {

/// What `consilience compare` shows unless told otherwise: the metrics that papers quote most.
[[nodiscard]] std::vector<MetricSpec> usual_metrics();

/// Every metric of two spaces with its default parameters, both directions where there are two.
[[nodiscard]] std::vector<MetricSpec> all_pair_metrics();

}  // namespace consilience::engine
