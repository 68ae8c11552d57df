#include "engine/metrics/score_pair.h"

#include <limits>

#include "engine/metrics/overlap_grid.h"

namespace consilience::engine {
namespace {

std::vector<std::string> layer_names(const ModelGraphs& model) {
  std::vector<std::string> names;
  for (const auto& layer : model.layers) names.push_back(layer.layer + "/" + layer.pooling);
  return names;
}

/// Why cell (a, b) is undefined, or "".
std::string cell_reason(const std::string& a, const std::string& b) {
  if (a.empty() || b.empty() || a == b) return a.empty() ? b : a;
  return a + "; " + b;
}

void fill_reasons(const UsableLayers& a, const UsableLayers& b, PairScore& score) {
  for (size_t i = 0; i < a.reasons.size(); ++i) {
    for (size_t j = 0; j < b.reasons.size(); ++j) {
      const std::string left = a.reasons[i].empty() ? "" : score.layers_a[i] + ": " + a.reasons[i];
      const std::string right = b.reasons[j].empty() ? "" : score.layers_b[j] + ": " + b.reasons[j];
      score.reasons.push_back(cell_reason(left, right));
    }
  }
}

void fill_values(const UsableLayers& a, const UsableLayers& b, const Matrix<int64_t>& counts,
                 PairScore& score) {
  const double all = static_cast<double>(score.n) * score.metric.k;
  int64_t total = 0;
  int64_t largest = -1;
  for (int64_t i = 0; i < counts.rows(); ++i) {
    for (int64_t j = 0; j < counts.cols(); ++j) {
      const int64_t count = counts(i, j);
      const int64_t row = a.layer[static_cast<size_t>(i)];
      const int64_t col = b.layer[static_cast<size_t>(j)];
      score.grid(row, col) = static_cast<double>(count) / all;
      total += count;
      if (count <= largest) continue;
      largest = count;
      score.best_a = row;
      score.best_b = col;
    }
  }
  score.maximum = score.grid(score.best_a, score.best_b);
  score.mean = static_cast<double>(total) / (all * static_cast<double>(counts.values().size()));
}

void fill_per_sample(const kernels::Context& context, const ModelGraphs& a, const ModelGraphs& b,
                     PairScore& score) {
  std::vector<int32_t> shared(static_cast<size_t>(score.n));
  const auto lists = [](const ModelGraphs& model, int64_t layer) {
    return model.layers[static_cast<size_t>(layer)].graph.index.view();
  };
  kernels::overlap_per_row(context, lists(a, score.best_a), lists(b, score.best_b), score.metric.k,
                           shared);
  for (const int32_t count : shared)
    score.per_sample.push_back(static_cast<double>(count) / score.metric.k);
}

}  // namespace

PairScore score_pair(const kernels::Context& context, const ModelGraphs& a, const ModelGraphs& b,
                     const MetricSpec& metric, const std::string& conditioning) {
  expect_same_rows(a, b);
  PairScore score;
  score.model_a = a.model;
  score.model_b = b.model;
  score.layers_a = layer_names(a);
  score.layers_b = layer_names(b);
  score.metric = metric;
  score.n = a.rows;
  score.conditioning = conditioning;
  score.grid =
      Matrix<double>(static_cast<int64_t>(a.layers.size()), static_cast<int64_t>(b.layers.size()),
                     std::numeric_limits<double>::quiet_NaN());
  score.chance = metric.k < a.rows ? static_cast<double>(metric.k) / static_cast<double>(a.rows - 1)
                                   : std::numeric_limits<double>::quiet_NaN();
  const UsableLayers left = usable_layers(a, metric.k);
  const UsableLayers right = usable_layers(b, metric.k);
  fill_reasons(left, right, score);
  if (left.lists.empty() || right.lists.empty()) {
    score.reason = score.reasons.empty() ? "a model without layers" : score.reasons.front();
    return score;
  }
  Matrix<int64_t> counts(static_cast<int64_t>(left.lists.size()),
                         static_cast<int64_t>(right.lists.size()));
  kernels::overlap_counts(context, left.lists, right.lists, metric.k, {}, counts.view());
  fill_values(left, right, counts, score);
  fill_per_sample(context, a, b, score);
  return score;
}

}  // namespace consilience::engine
