#include "engine/metrics/score_pair.h"

#include <algorithm>
#include <cmath>

#include "engine/metrics/metric.h"
#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

std::vector<std::string> layer_names(const ModelInput& model) {
  std::vector<std::string> names;
  for (const auto& layer : model.layers) names.push_back(layer.name);
  return names;
}

void find_best(PairScore& score) {
  double sum = 0;
  int64_t defined = 0;
  const double sign = score.larger_is_closer ? 1 : -1;
  for (int64_t i = 0; i < score.grid.rows(); ++i) {
    for (int64_t j = 0; j < score.grid.cols(); ++j) {
      const double value = score.grid(i, j);
      if (std::isnan(value)) continue;
      sum += value;
      ++defined;
      if (defined > 1 && sign * value <= sign * score.maximum) continue;
      score.maximum = value;
      score.best_a = i;
      score.best_b = j;
    }
  }
  if (defined > 0) score.mean = sum / static_cast<double>(defined);
}

}  // namespace

PairScore score_maximum(const MetricSpec& metric, const ModelInput& a, const ModelInput& b,
                        const PreparedGrid& grid, const std::string& conditioning) {
  PairScore score;
  score.model_a = a.model;
  score.model_b = b.model;
  score.layers_a = layer_names(a);
  score.layers_b = b.layers.empty() ? std::vector<std::string>{""} : layer_names(b);
  score.metric = metric;
  score.n = a.rows;
  score.conditioning = conditioning;
  score.larger_is_closer = metric_info(metric.name).larger_is_closer;
  score.chance = grid.chance;
  score.reasons = grid.reasons;
  score.remarks = grid.remarks;
  score.grid = grid.values({});
  find_best(score);
  if (score.best_a < 0) {
    const auto why =
        std::ranges::find_if(score.reasons, [](const auto& reason) { return !reason.empty(); });
    score.reason = why == score.reasons.end() ? "a model without layers" : *why;
  }
  return score;
}

PairScore score_pair(const MetricSpec& metric, const ModelInput& a, const ModelInput& b,
                     const PreparedGrid& grid, const std::string& conditioning) {
  PairScore score = score_maximum(metric, a, b, grid, conditioning);
  if (score.best_a >= 0 && grid.per_sample)
    score.per_sample = grid.per_sample(score.best_a, score.best_b);
  return score;
}

PreparedGrid prepare_metric(const kernels::Context& context, const MetricSpec& metric,
                            const ModelInput& a, const ModelInput& b) {
  return metric_info(metric.name).prepare(context, metric, a, b);
}

ModelInput graph_side(const ModelGraphs& graphs) {
  ModelInput side{
      .model = graphs.model, .rows = graphs.rows, .layers = {}, .classes = {}, .groups = {}};
  for (const auto& layer : graphs.layers)
    side.layers.push_back({.name = layer.layer + "/" + layer.pooling,
                           .reason = layer.graph.reason,
                           .graph = &layer.graph,
                           .features = {}});
  return side;
}

}  // namespace consilience::engine
