#include "engine/tasks/take_nulls.h"

#include "engine/inference/calibration.h"
#include "engine/inference/jackknife.h"
#include "engine/inference/pearson_three.h"
#include "engine/inference/permutation_null.h"
#include "engine/inference/query_bootstrap.h"

namespace consilience::engine {

void take_nulls(const kernels::Context& context, const PreparedGrid& grid, const PairScore& score,
                std::span<const std::vector<int32_t>> relabellings,
                std::span<const std::vector<int32_t>> within_class, double alpha,
                PairInference& out) {
  permutation_null(context, grid, score, relabellings, out);
  within_class_null(context, grid, score, within_class, out);
  calibrate(score, alpha, out);
  if (grid.null_moments && score.grid.values().size() == 1)
    pearson_three_tail(score, grid.null_moments(0, 0), out);
}

void take_whole_graph_interval(const kernels::Context& context, IntervalKind kind,
                               const ModelInput& a, const ModelInput& b, const PairScore& score,
                               PairInference& out) {
  if (kind == IntervalKind::jackknife) set_interval(jackknife(context, a, b, score), out);
  if (kind == IntervalKind::query_bootstrap)
    set_interval(query_bootstrap(score.per_sample, a.groups), out);
}

}  // namespace consilience::engine
