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
  const ModelInput a = context.input(context.model(task.inputs.at("key_a")), metric);
  const ModelInput b = context.input(context.model(task.inputs.at("key_b")), metric);
  const PairScore score = score_pair(metric, a, b, prepare_metric(context.kernels(), metric, a, b),
                                     describe_for(metric, context.study().conditioning));
  write_score(context.store(), context.score_record(task), score, task.inputs);
}

}  // namespace consilience::engine
