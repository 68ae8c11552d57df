#pragma once
#include <span>

#include "engine/metrics/metric.h"

namespace consilience::engine {

[[nodiscard]] std::span<const MetricInfo> rdm_metrics();

}  // namespace consilience::engine
