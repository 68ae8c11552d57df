#include "engine/metrics/neighbours/table.h"

#include "engine/metrics/neighbours/table_parts.h"

namespace consilience::engine {

std::span<const MetricInfo> neighbour_metrics() {
  static const std::vector<MetricInfo> metrics = [] {
    std::vector<MetricInfo> all;
    for (const auto& part : {list_metrics(), list_and_feature_metrics(), mutual_knn_references()})
      all.insert(all.end(), part.begin(), part.end());
    return all;
  }();
  return metrics;
}

}  // namespace consilience::engine
