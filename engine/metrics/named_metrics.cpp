#include "engine/metrics/named_metrics.h"

#include "engine/metrics/metric.h"

namespace consilience::engine {
namespace {

/// The other direction, or the other side for one of a single space; or the metric itself.
MetricSpec turned(const MetricSpec& metric) {
  MetricSpec other = from_other_side(metric);
  if (other.has("of")) other.params["of"] = "y";
  return other;
}

}  // namespace

std::vector<MetricSpec> usual_metrics() {
  std::vector<MetricSpec> metrics;
  for (const char* text : {
           "mutual_knn(k=10)",
           "mutual_knn(k=10, preprocess=conditioned+centre)",
           "mutual_knn_chance_corrected(k=10)",
           "cycle_knn(k=10, A=x, B=y)",
           "cycle_knn(k=10, A=y, B=x)",
           "cknna(k=10)",
           "cka_linear_debiased",
           "cka_rbf_debiased(sigma=0.5 x median)",
           "svcca_rank(rank=10)",
           "procrustes_angular",
           "rsa_spearman(rdm=correlation)",
           "dcor_sqr_unbiased",
           "ridge_r2_cv5(direction=x->y)",
           "ridge_r2_cv5(direction=y->x)",
       })
    metrics.push_back(parse_metric(text));
  return metrics;
}

std::vector<MetricSpec> all_metrics() {
  std::vector<MetricSpec> metrics;
  for (const auto& info : metric_table()) {
    MetricSpec metric = parse_metric(info.name);
    if (metric.has("of")) metric.params["of"] = "x";
    metrics.push_back(metric);
    const MetricSpec other = turned(metric);
    if (!(other == metric)) metrics.push_back(other);
  }
  return metrics;
}

}  // namespace consilience::engine
