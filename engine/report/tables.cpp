#include "engine/report/tables.h"

#include <map>

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/report/format.h"
#include "engine/report/study_view.h"
#include "engine/report/table_fields.h"
#include "engine/types/pair_conditioning.h"

namespace consilience::engine {
namespace {

constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();

/// One column: its name and how a row fills it.
struct Column {
  const char* name;
  nlohmann::ordered_json (*value)(const ScoreRow& row);
};

nlohmann::ordered_json number(double value) {
  if (std::isnan(value)) return nullptr;
  return value;
}

constexpr std::array<Column, 24> kColumns{{
    {"model_a", [](const ScoreRow& r) -> nlohmann::ordered_json { return r.model_a; }},
    {"layer_a", [](const ScoreRow& r) -> nlohmann::ordered_json { return r.layer_a; }},
    {"pool_a", [](const ScoreRow& r) -> nlohmann::ordered_json { return r.pool_a; }},
    {"model_b", [](const ScoreRow& r) -> nlohmann::ordered_json { return r.model_b; }},
    {"layer_b", [](const ScoreRow& r) -> nlohmann::ordered_json { return r.layer_b; }},
    {"pool_b", [](const ScoreRow& r) -> nlohmann::ordered_json { return r.pool_b; }},
    {"metric", [](const ScoreRow& r) -> nlohmann::ordered_json { return r.metric; }},
    {"params", [](const ScoreRow& r) -> nlohmann::ordered_json { return r.params; }},
    {"n", [](const ScoreRow& r) -> nlohmann::ordered_json { return r.n; }},
    {"k", [](const ScoreRow& r) -> nlohmann::ordered_json { return r.k; }},
    {"conditioning", [](const ScoreRow& r) -> nlohmann::ordered_json { return r.conditioning; }},
    {"value", [](const ScoreRow& r) { return number(r.value); }},
    {"chance", [](const ScoreRow& r) { return number(r.chance); }},
    {"null_mean", [](const ScoreRow& r) { return number(r.null_mean); }},
    {"null_sd", [](const ScoreRow& r) { return number(r.null_sd); }},
    {"p", [](const ScoreRow& r) { return number(r.p); }},
    {"p_floor", [](const ScoreRow& r) { return number(r.p_floor); }},
    {"p_bh", [](const ScoreRow& r) { return number(r.p_bh); }},
    {"p_fwer", [](const ScoreRow& r) { return number(r.p_fwer); }},
    {"twin", [](const ScoreRow& r) -> nlohmann::ordered_json { return r.twin; }},
    {"lo", [](const ScoreRow& r) { return number(r.lo); }},
    {"hi", [](const ScoreRow& r) { return number(r.hi); }},
    {"interval", [](const ScoreRow& r) -> nlohmann::ordered_json { return r.interval; }},
    {"reason", [](const ScoreRow& r) -> nlohmann::ordered_json { return r.reason; }},
}};

std::string field_text(const nlohmann::ordered_json& value) {
  if (value.is_null()) return "";
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_float()) return shortest(value.get<double>());
  return std::to_string(value.get<int64_t>());
}

ScoreRow blank_row(const PairResult& pair, const std::string& twin) {
  ScoreRow row{};
  row.model_a = pair.score.model_a;
  row.model_b = pair.score.model_b;
  row.metric = pair.score.metric.name;
  row.params = parameters_text(pair.score.metric);
  row.n = pair.score.n;
  row.k = pair.score.metric.k();
  row.conditioning = pair.score.conditioning;
  row.chance = pair.score.chance;
  row.twin = twin;
  row.value = row.null_mean = row.null_sd = row.p = row.p_floor = kUndefined;
  row.p_bh = row.p_fwer = row.lo = row.hi = kUndefined;
  return row;
}

void add_inference(ScoreRow& row, const PairInference& inference) {
  row.null_mean = inference.null_mean;
  row.null_sd = inference.null_sd;
  row.p = inference.p;
  row.p_floor = inference.p_floor;
  row.p_bh = inference.p_bh;
  row.p_fwer = inference.p_fwer;
  row.lo = inference.lo;
  row.hi = inference.hi;
  row.interval = inference.interval;
  row.reason = inference.interval_reason;
}

}  // namespace

std::vector<ScoreRow> tidy_rows(const StudyResult& study) {
  const StudyView view(study);
  std::map<std::pair<std::string, std::string>, GraphFacts> facts_of;
  for (const auto& layer : study.layers)
    facts_of[{layer.model, layer.layer + "/" + layer.pooling}] = layer.facts;
  const auto facts = [&](const std::string& model, const std::string& layer) {
    const auto found = facts_of.find({model, layer});
    return found == facts_of.end() ? GraphFacts{} : found->second;
  };
  std::vector<ScoreRow> rows;
  for (const auto& pair : study.pairs) {
    const auto& score = pair.score;
    const auto blank =
        blank_row(pair, twin_sides(*view.model(score.model_a), *view.model(score.model_b)));
    if (score.layers_a.empty() || score.layers_b.empty()) {
      rows.push_back(blank);
      rows.back().reason = score.reason;
    }
    for (size_t a = 0; a < score.layers_a.size(); ++a)
      for (size_t b = 0; b < score.layers_b.size(); ++b) {
        auto& row = rows.emplace_back(blank);
        std::tie(row.layer_a, row.pool_a) = layer_and_pooling(score.layers_a[a]);
        std::tie(row.layer_b, row.pool_b) = layer_and_pooling(score.layers_b[b]);
        row.value = score.grid(static_cast<int64_t>(a), static_cast<int64_t>(b));
        row.conditioning = describe_pair(row.conditioning, facts(score.model_a, score.layers_a[a]),
                                         facts(score.model_b, score.layers_b[b]));
        const size_t cell = a * score.layers_b.size() + b;
        if (static_cast<int64_t>(a) == score.best_a && static_cast<int64_t>(b) == score.best_b)
          add_inference(row, pair.inference);
        else if (cell < score.reasons.size())
          row.reason = score.reasons[cell];
      }
  }
  return rows;
}

std::string scores_csv(const std::vector<ScoreRow>& rows) {
  std::vector<std::string> fields;
  for (const auto& column : kColumns) fields.emplace_back(column.name);
  std::string out = csv_line(fields);
  for (const auto& row : rows) {
    fields.clear();
    for (const auto& column : kColumns) fields.push_back(field_text(column.value(row)));
    out += csv_line(fields);
  }
  return out;
}

std::string scores_json(const std::vector<ScoreRow>& rows) {
  std::string out = "[";
  for (size_t i = 0; i < rows.size(); ++i) {
    nlohmann::ordered_json object;
    for (const auto& column : kColumns) object[column.name] = column.value(rows[i]);
    out += i == 0 ? "\n" : ",\n";
    out += object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  }
  return out + "\n]\n";
}

}  // namespace consilience::engine
