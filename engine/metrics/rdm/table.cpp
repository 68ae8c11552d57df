#include "engine/metrics/rdm/table.h"

namespace consilience::engine {

std::span<const MetricInfo> rdm_metrics() { return {}; }

}  // namespace consilience::engine
