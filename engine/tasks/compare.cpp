#include "engine/metrics/metric.h"
#include "engine/metrics/preprocess.h"
#include "engine/metrics/score_pair.h"
#include "engine/store/scores.h"
#include "engine/tasks/tasks.h"

namespace consilience::engine {

bool compare_done(StudyContext& context, const Task& task) {
  const std::string record = context.score_record(task);
  return !record.empty() && context.store().has_record(record);
}

void run_compare(StudyContext& context, const Task& task) {
  const MetricSpec metric = parse_metric(task.inputs.at("metric").get<std::string>());
  const ZooModel& model_a = context.model(task.inputs.at("key_a"));
  const ZooModel& model_b = context.model(task.inputs.at("key_b"));
  const ModelInput a = context.input(model_a, metric);
  const ModelInput b = context.input(model_b, metric);
  const PairScore score = score_pair(metric, a, b, context.grid(model_a, a, model_b, b, metric),
                                     describe_for(metric, context.study().conditioning));
  write_score(context.store(), context.score_record(task), score, task.inputs);
}

}  // namespace consilience::engine
