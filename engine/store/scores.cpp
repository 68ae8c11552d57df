#include "engine/store/scores.h"

#include "engine/store/fields.h"
#include "engine/store/results.h"

namespace consilience::engine {
namespace {

constexpr const char* kScore = "score";
constexpr const char* kInference = "inference";

/// Only cells that have one: [cell, reason].
Json reasons_json(const std::vector<std::string>& reasons) {
  Json list = Json::array();
  for (size_t i = 0; i < reasons.size(); ++i)
    if (!reasons[i].empty()) list.push_back(Json::array({i, reasons[i]}));
  return list;
}

std::vector<std::string> reasons_from(const Json& record, size_t cells, const std::string& file) {
  std::vector<std::string> reasons(cells);
  for (const auto& [cell, reason] :
       field<std::vector<std::pair<size_t, std::string>>>(record, "reasons", file)) {
    expect(cell < cells, "{}: damaged: a reason for cell {} of {}", file, cell, cells);
    reasons[cell] = reason;
  }
  return reasons;
}

Json statistics_json(const std::vector<GridStatistic>& statistics) {
  Json list = Json::array();
  for (const auto& s : statistics)
    list.push_back({{"name", s.name},
                    {"value", s.value},
                    {"null_mean", s.null_mean},
                    {"null_sd", s.null_sd},
                    {"p", s.p}});
  return list;
}

std::vector<GridStatistic> statistics_from(const Json& record, const std::string& file) {
  std::vector<GridStatistic> statistics;
  for (const Json& s : field<Json>(record, "others", file))
    statistics.push_back({field<std::string>(s, "name", file), number_or_nan(s, "value", file),
                          number_or_nan(s, "null_mean", file), number_or_nan(s, "null_sd", file),
                          number_or_nan(s, "p", file)});
  return statistics;
}

Json read_kind(const Store& store, const std::string& name, const char* kind) {
  Json record = store.read_record(name);
  expect(record.value("kind", Json()) == Json(kind), "{}: no {}", (store.root() / name).string(),
         kind);
  return record;
}

}  // namespace

std::string score_record_name(const std::string& task_hash) {
  return fmt::format("scores/{}.json", task_hash);
}

void write_score(const Store& store, const std::string& name, const PairScore& score,
                 const Json& inputs) {
  const auto samples = static_cast<int64_t>(score.per_sample.size());
  const Json record = {{"kind", kScore},
                       {"inputs", inputs},
                       {"model_a", score.model_a},
                       {"model_b", score.model_b},
                       {"layers_a", score.layers_a},
                       {"layers_b", score.layers_b},
                       {"metric",
                        {{"name", score.metric.name},
                         {"params", score.metric.params},
                         {"preprocess", score.metric.preprocess}}},
                       {"n", score.n},
                       {"conditioning", score.conditioning},
                       {"reasons", reasons_json(score.reasons)},
                       {"chance", score.chance},
                       {"best_a", score.best_a},
                       {"best_b", score.best_b},
                       {"maximum", score.maximum},
                       {"mean", score.mean},
                       {"larger_is_closer", score.larger_is_closer},
                       {"remarks", score.remarks},
                       {"per_sample", samples},
                       {"reason", score.reason}};
  commit_result(store, name, record,
                {tensor("grid", {score.grid.rows(), score.grid.cols()}, score.grid.values()),
                 tensor("per_sample", {samples}, score.per_sample)});
}

PairScore read_score(const Store& store, const std::string& name) {
  const std::string file = (store.root() / name).string();
  const Json record = read_kind(store, name, kScore);
  PairScore score;
  score.model_a = field<std::string>(record, "model_a", file);
  score.model_b = field<std::string>(record, "model_b", file);
  score.layers_a = field<std::vector<std::string>>(record, "layers_a", file);
  score.layers_b = field<std::vector<std::string>>(record, "layers_b", file);
  const auto metric = field<Json>(record, "metric", file);
  score.metric = {field<std::string>(metric, "name", file),
                  field<std::map<std::string, std::string>>(metric, "params", file),
                  field<std::string>(metric, "preprocess", file)};
  score.n = field<int64_t>(record, "n", file);
  score.conditioning = field<std::string>(record, "conditioning", file);
  score.chance = number_or_nan(record, "chance", file);
  score.best_a = field<int64_t>(record, "best_a", file);
  score.best_b = field<int64_t>(record, "best_b", file);
  score.maximum = number_or_nan(record, "maximum", file);
  score.mean = number_or_nan(record, "mean", file);
  score.larger_is_closer = field<bool>(record, "larger_is_closer", file);
  score.remarks = field<std::vector<std::string>>(record, "remarks", file);
  score.reason = field<std::string>(record, "reason", file);
  const Safetensors data = store.open_data(name, record);
  const auto a = static_cast<int64_t>(score.layers_a.size());
  const auto b = static_cast<int64_t>(score.layers_b.size());
  score.grid = tensor_matrix<double>(data, "grid", a, b);
  score.reasons = reasons_from(record, score.grid.values().size(), file);
  score.per_sample =
      tensor_values<double>(data, "per_sample", {field<int64_t>(record, "per_sample", file)});
  return score;
}

void write_inference(const Store& store, const std::string& name, const PairInference& inference,
                     const Json& inputs) {
  const auto permutations = std::ssize(inference.null_maxima);
  const auto halves = std::ssize(inference.half_values);
  const Json record = {{"kind", kInference},
                       {"inputs", inputs},
                       {"permutations", permutations},
                       {"null_mean", inference.null_mean},
                       {"null_sd", inference.null_sd},
                       {"null_largest", inference.null_largest},
                       {"p", inference.p},
                       {"p_floor", inference.p_floor},
                       {"z", inference.z},
                       {"corrected", inference.corrected},
                       {"threshold", inference.threshold},
                       {"calibrated", inference.calibrated},
                       {"p_tail", inference.p_tail},
                       {"others", statistics_json(inference.others)},
                       {"class_null_mean", inference.class_null_mean},
                       {"class_null_sd", inference.class_null_sd},
                       {"class_p", inference.class_p},
                       {"class_reason", inference.class_reason},
                       {"halves", halves},
                       {"sd", inference.sd},
                       {"lo", inference.lo},
                       {"hi", inference.hi},
                       {"interval", inference.interval},
                       {"interval_reason", inference.interval_reason}};
  commit_result(store, name, record,
                {tensor("null_maxima", {permutations}, inference.null_maxima),
                 tensor("half_values", {halves}, inference.half_values)});
}

PairInference read_inference(const Store& store, const std::string& name) {
  const std::string file = (store.root() / name).string();
  const Json record = read_kind(store, name, kInference);
  PairInference inference;
  inference.null_mean = number_or_nan(record, "null_mean", file);
  inference.null_sd = number_or_nan(record, "null_sd", file);
  inference.null_largest = number_or_nan(record, "null_largest", file);
  inference.p = number_or_nan(record, "p", file);
  inference.p_floor = number_or_nan(record, "p_floor", file);
  inference.z = number_or_nan(record, "z", file);
  inference.corrected = number_or_nan(record, "corrected", file);
  inference.threshold = number_or_nan(record, "threshold", file);
  inference.calibrated = number_or_nan(record, "calibrated", file);
  inference.p_tail = number_or_nan(record, "p_tail", file);
  inference.others = statistics_from(record, file);
  inference.class_null_mean = number_or_nan(record, "class_null_mean", file);
  inference.class_null_sd = number_or_nan(record, "class_null_sd", file);
  inference.class_p = number_or_nan(record, "class_p", file);
  inference.class_reason = field<std::string>(record, "class_reason", file);
  inference.sd = number_or_nan(record, "sd", file);
  inference.lo = number_or_nan(record, "lo", file);
  inference.hi = number_or_nan(record, "hi", file);
  inference.interval = field<std::string>(record, "interval", file);
  inference.interval_reason = field<std::string>(record, "interval_reason", file);
  const Safetensors data = store.open_data(name, record);
  inference.null_maxima =
      tensor_values<double>(data, "null_maxima", {field<int64_t>(record, "permutations", file)});
  inference.half_values =
      tensor_values<double>(data, "half_values", {field<int64_t>(record, "halves", file)});
  return inference;
}

}  // namespace consilience::engine
