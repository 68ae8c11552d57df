#include "engine/metrics/metric.h"
#include "engine/metrics/score_pair.h"
#include "engine/store/scores.h"
#include "engine/tasks/tasks.h"

namespace consilience::engine {

bool compare_done(StudyContext& context, const Task& task) {
  const std::string record = context.score_record(task);
  return !record.empty() && context.store().has_record(record);
}

void run_compare(StudyContext& context, const Task& task) {
  const auto& a = context.graphs(context.model(task.inputs.at("key_a")));
  const auto& b = context.graphs(context.model(task.inputs.at("key_b")));
  const MetricSpec metric = parse_metric(task.inputs.at("metric").get<std::string>());
  const PairScore score =
      score_pair(context.kernels(), a, b, metric, describe(context.study().conditioning));
  write_score(context.store(), context.score_record(task), score, task.inputs);
}

}  // namespace consilience::engine
