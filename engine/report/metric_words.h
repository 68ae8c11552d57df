#pragma once
#include <string>

#include "engine/types/metric_spec.h"

namespace consilience::engine {

/// "mutual k-NN" for mutual_knn: how a metric is called in prose.
[[nodiscard]] std::string metric_in_words(const std::string& name);
/// "mutual k-NN (k=10)": with its parameters.
[[nodiscard]] std::string metric_in_words(const MetricSpec& metric);

}  // namespace consilience::engine
