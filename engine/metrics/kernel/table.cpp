#include "engine/metrics/kernel/table.h"

namespace consilience::engine {

std::span<const MetricInfo> kernel_metrics() { return {}; }

}  // namespace consilience::engine
