#include "engine/inference/calibration.h"
#include "engine/inference/interval.h"
#include "engine/inference/jackknife.h"
#include "engine/inference/pearson_three.h"
#include "engine/inference/permutation_null.h"
#include "engine/inference/query_bootstrap.h"
#include "engine/metrics/metric.h"
#include "engine/metrics/score_pair.h"
#include "engine/store/scores.h"
#include "engine/tasks/affordable.h"
#include "engine/tasks/tasks.h"

namespace consilience::engine {

bool infer_done(StudyContext& context, const Task& task) {
  const std::string record = context.inference_record(task);
  return !record.empty() && context.store().has_record(record);
}

void run_infer(StudyContext& context, const Task& task) {
  const ZooModel& model_a = context.model(task.inputs.at("key_a"));
  const ZooModel& model_b = context.model(task.inputs.at("key_b"));
  const PairScore score = read_score(context.store(), context.score_record(task));
  const ModelInput a = context.input(model_a, score.metric);
  const ModelInput b = context.input(model_b, score.metric);
  const Study::Inference& how = context.study().inference;

  PairInference result;
  const Affordable may = affordable(metric_info(score.metric.name), score.grid.values().size(),
                                    static_cast<size_t>(how.permutations), how.costly);
  result.interval_reason = may.reason;
  if (may.permutations > 0) {
    const PreparedGrid grid = context.grid(model_a, a, model_b, b, score.metric);
    permutation_null(context.kernels(), grid, score,
                     first_of(context.relabellings(model_a, model_b, false), may.permutations),
                     result);
    if (context.labels().classes.empty())
      result.class_reason = "the study names no class field";
    else
      within_class_null(context.kernels(), grid, score,
                        first_of(context.relabellings(model_a, model_b, true), may.permutations),
                        result);
    calibrate(score, how.alpha, result);
    if (grid.null_moments && score.grid.values().size() == 1)
      pearson_three_tail(score, grid.null_moments(0, 0), result);
  }
  const IntervalKind kind = parse_interval_kind(how.interval);
  if (may.interval && score.reason.empty()) {
    if (kind == IntervalKind::half_splits)
      half_split_interval(context.kernels(), {&a, context.half_graphs(model_a, score.metric)},
                          {&b, context.half_graphs(model_b, score.metric)}, context.splits(), score,
                          result);
    if (kind == IntervalKind::jackknife)
      set_interval(jackknife(context.kernels(), a, b, score), result);
    if (kind == IntervalKind::query_bootstrap)
      set_interval(query_bootstrap(score.per_sample, context.labels().groups), result);
  }
  write_inference(context.store(), context.inference_record(task), result, task.inputs);
}

}  // namespace consilience::engine
