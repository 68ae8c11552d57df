#include "engine/metrics/alignment/table.h"

namespace consilience::engine {

std::span<const MetricInfo> alignment_metrics() { return {}; }

}  // namespace consilience::engine
