#pragma once
#include <string>

#include "engine/inference/half_splits.h"
#include "engine/inference/permutation_null.h"
#include "engine/metrics/score_pair.h"

namespace consilience::testing {

/// Scores two models from their graphs alone.
inline engine::PairScore score_graphs(const kernels::Context& context, const engine::ModelGraphs& a,
                                      const engine::ModelGraphs& b,
                                      const engine::MetricSpec& metric,
                                      const std::string& conditioning) {
  const engine::ModelInput left = engine::graph_side(a);
  const engine::ModelInput right = engine::graph_side(b);
  return engine::score_pair(metric, left, right,
                            engine::prepare_metric(context, metric, left, right), conditioning);
}

/// Their permutation null.
inline void null_of_graphs(const kernels::Context& context, const engine::ModelGraphs& a,
                           const engine::ModelGraphs& b, const engine::MetricSpec& metric,
                           const engine::Relabellings& relabellings, engine::PairInference& out) {
  const engine::ModelInput left = engine::graph_side(a);
  const engine::ModelInput right = engine::graph_side(b);
  const engine::PreparedGrid grid = engine::prepare_metric(context, metric, left, right);
  engine::permutation_null(context, grid, engine::score_pair(metric, left, right, grid, ""),
                           relabellings, out);
}

/// Their half-split interval.
inline void interval_of_graphs(const kernels::Context& context, const engine::ModelGraphs& a,
                               const engine::HalfGraphs& halves_a, const engine::ModelGraphs& b,
                               const engine::HalfGraphs& halves_b, const engine::HalfSplits& splits,
                               const engine::PairScore& score, engine::PairInference& out) {
  const engine::ModelInput left = engine::graph_side(a);
  const engine::ModelInput right = engine::graph_side(b);
  engine::half_split_interval(context, {&left, &halves_a}, {&right, &halves_b}, splits, score, out);
}

}  // namespace consilience::testing
