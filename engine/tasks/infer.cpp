#include "engine/metrics/metric.h"
#include "engine/metrics/score_pair.h"
#include "engine/store/scores.h"
#include "engine/tasks/affordable.h"
#include "engine/tasks/take_nulls.h"
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
    const bool classes = !context.labels().classes.empty();
    if (!classes) result.class_reason = "the study names no class field";
    std::span<const std::vector<int32_t>> within_class;
    if (classes)
      within_class = first_of(context.relabellings(model_a, model_b, true), may.permutations);
    take_nulls(context.kernels(), grid, score,
               first_of(context.relabellings(model_a, model_b, false), may.permutations),
               within_class, how.alpha, result);
  }
  const IntervalKind kind = parse_interval_kind(how.interval);
  if (may.interval && score.reason.empty()) {
    if (kind == IntervalKind::half_splits)
      half_split_interval(context.kernels(), {&a, context.half_graphs(model_a, score.metric)},
                          {&b, context.half_graphs(model_b, score.metric)}, context.splits(), score,
                          result);
    take_whole_graph_interval(context.kernels(), kind, a, b, score, result);
  }
  write_inference(context.store(), context.inference_record(task), result, task.inputs);
}

}  // namespace consilience::engine
