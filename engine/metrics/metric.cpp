#include "engine/metrics/metric.h"

#include <algorithm>

#include "engine/base/nearest.h"
#include "engine/metrics/alignment/table.h"
#include "engine/metrics/kernel/table.h"
#include "engine/metrics/neighbours/table.h"
#include "engine/metrics/one_space/table.h"
#include "engine/metrics/preprocess.h"
#include "engine/metrics/rdm/table.h"
#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

std::vector<MetricInfo> all_metrics() {
  std::vector<MetricInfo> all;
  for (const auto family : {neighbour_metrics(), kernel_metrics(), alignment_metrics(),
                            rdm_metrics(), one_space_metrics()})
    all.insert(all.end(), family.begin(), family.end());
  return all;
}

}  // namespace

std::span<const MetricInfo> metric_table() {
  static const std::vector<MetricInfo> table = all_metrics();
  return table;
}

const MetricInfo& metric_info(std::string_view name) {
  const auto table = metric_table();
  const auto found = std::ranges::find(table, name, &MetricInfo::name);
  if (found != table.end()) return *found;
  std::vector<std::string> names;
  for (const auto& metric : table) names.emplace_back(metric.name);
  fail(Failure::usage, "there is no metric '{}'{}; 'consilience metrics' lists them", name,
       did_you_mean(std::string(name), names));
}

std::string metric_text(const MetricSpec& metric) {
  std::string inside = parameters_text(metric);
  if (metric.preprocess != metric_info(metric.name).preprocess)
    inside += fmt::format("{}preprocess={}", inside.empty() ? "" : ", ", metric.preprocess);
  return inside.empty() ? metric.name : fmt::format("{}({})", metric.name, inside);
}

int neighbors_needed(const MetricSpec& metric) {
  const MetricInfo& info = metric_info(metric.name);
  if (info.needs == Needs::features) return 0;
  return info.fixed_k > 0 ? info.fixed_k : metric.k();
}

int graph_neighbors(std::span<const MetricSpec> metrics, int64_t n) {
  expect(!metrics.empty(), "no metrics, so no k to build graphs with");
  int smallest = 0;
  int largest = 0;
  for (const auto& metric : metrics) {
    const int k = neighbors_needed(metric);
    if (k == 0) continue;
    smallest = smallest == 0 ? k : std::min(smallest, k);
    if (k < n) largest = std::max(largest, k);
  }
  return largest > 0 ? largest : smallest;
}

}  // namespace consilience::engine
