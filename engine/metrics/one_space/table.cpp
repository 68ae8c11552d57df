#include "engine/metrics/one_space/table.h"

namespace consilience::engine {

std::span<const MetricInfo> one_space_metrics() { return {}; }

}  // namespace consilience::engine
