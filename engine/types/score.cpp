#include "engine/types/score.h"

#include <fmt/format.h>

namespace consilience::engine {

std::string printed_name(const MetricSpec& metric, int64_t n, const std::string& conditioning) {
  const std::string parameters = parameters_text(metric);
  return fmt::format("{}({}{}n={}, {})", metric.name, parameters, parameters.empty() ? "" : ", ", n,
                     conditioning.empty() ? "raw" : conditioning);
}

std::string printed_name(const PairScore& score) {
  return printed_name(score.metric, score.n, score.conditioning);
}

}  // namespace consilience::engine
