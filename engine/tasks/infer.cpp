#include "engine/inference/permutation_null.h"
#include "engine/metrics/metric.h"
#include "engine/store/scores.h"
#include "engine/tasks/tasks.h"

namespace consilience::engine {

bool infer_done(StudyContext& context, const Task& task) {
  const std::string record = context.inference_record(task);
  return !record.empty() && context.store().has_record(record);
}

void run_infer(StudyContext& context, const Task& task) {
  const ZooModel& model_a = context.model(task.inputs.at("key_a"));
  const ZooModel& model_b = context.model(task.inputs.at("key_b"));
  const auto& a = context.graphs(model_a);
  const auto& b = context.graphs(model_b);
  const MetricSpec metric = parse_metric(task.inputs.at("metric").get<std::string>());
  const PairScore score = read_score(context.store(), context.score_record(task));

  PairInference result;
  if (context.study().inference.permutations > 0)
    permutation_null(context.kernels(), a, b, metric,
                     context.relabellings(null_unit(a, b), null_unit(b, a)), result);
  if (context.study().inference.interval == "half-splits" && score.reason.empty())
    half_split_interval(context.kernels(), context.half_graphs(model_a, metric.k),
                        context.half_graphs(model_b, metric.k), score, result);
  write_inference(context.store(), context.inference_record(task), result, task.inputs);
}

}  // namespace consilience::engine
