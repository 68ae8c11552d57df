#include <fmt/format.h>

#include <array>

#include "engine/report/format.h"
#include "engine/report/study_view.h"
#include "engine/report/table_fields.h"
#include "engine/report/tables.h"

namespace consilience::engine {
namespace {

/// A pair with its baseline; rows are oriented as in the tables of the report.
struct Line {
  const PairView& pair;
  const PairScore& score;
  const PairInference& inference;
  Baseline baseline;
  const PairTable& table;
  const Ladder& ladder;  // empty where the study has none

  [[nodiscard]] std::string gain(double than) const {
    return shortest(table.gain(score.maximum, than));
  }
};

struct Column {
  const char* name;
  std::string (*text)(const Line& line);
};

std::pair<std::string, std::string> best(const std::vector<std::string>& layers, int64_t at) {
  return at < 0 ? std::pair<std::string, std::string>{}
                : layer_and_pooling(layers[static_cast<size_t>(at)]);
}

constexpr std::array<Column, 40> kColumns{{
    {"model_a", [](const Line& l) { return l.pair.a->name; }},
    {"role_a", [](const Line& l) { return l.pair.a->role; }},
    {"layer_a", [](const Line& l) { return best(l.pair.layers_a(), l.pair.best_a()).first; }},
    {"pool_a", [](const Line& l) { return best(l.pair.layers_a(), l.pair.best_a()).second; }},
    {"model_b", [](const Line& l) { return l.pair.b->name; }},
    {"role_b", [](const Line& l) { return l.pair.b->role; }},
    {"layer_b", [](const Line& l) { return best(l.pair.layers_b(), l.pair.best_b()).first; }},
    {"pool_b", [](const Line& l) { return best(l.pair.layers_b(), l.pair.best_b()).second; }},
    {"metric", [](const Line& l) { return l.score.metric.name; }},
    {"params", [](const Line& l) { return parameters_text(l.score.metric); }},
    {"n", [](const Line& l) { return std::to_string(l.score.n); }},
    {"k", [](const Line& l) { return std::to_string(l.score.metric.k()); }},
    {"conditioning", [](const Line& l) { return l.score.conditioning; }},
    {"layer_pairs", [](const Line& l) { return std::to_string(l.score.grid.values().size()); }},
    {"maximum", [](const Line& l) { return shortest(l.score.maximum); }},
    {"mean", [](const Line& l) { return shortest(l.score.mean); }},
    {"chance", [](const Line& l) { return shortest(l.score.chance); }},
    {"null_mean", [](const Line& l) { return shortest(l.inference.null_mean); }},
    {"null_sd", [](const Line& l) { return shortest(l.inference.null_sd); }},
    {"null_largest", [](const Line& l) { return shortest(l.inference.null_largest); }},
    {"excess", [](const Line& l) { return l.gain(l.inference.null_mean); }},
    {"p", [](const Line& l) { return shortest(l.inference.p); }},
    {"p_floor", [](const Line& l) { return shortest(l.inference.p_floor); }},
    {"p_bh", [](const Line& l) { return shortest(l.inference.p_bh); }},
    {"p_fwer", [](const Line& l) { return shortest(l.inference.p_fwer); }},
    {"twin", [](const Line& l) { return twin_sides(*l.pair.a, *l.pair.b); }},
    {"lo", [](const Line& l) { return shortest(l.inference.lo); }},
    {"hi", [](const Line& l) { return shortest(l.inference.hi); }},
    {"interval", [](const Line& l) { return l.inference.interval; }},
    {"baseline", [](const Line& l) { return shortest(l.baseline.value); }},
    {"baseline_a",
     [](const Line& l) { return l.baseline.pair ? l.baseline.pair->a->name : std::string(); }},
    {"baseline_b",
     [](const Line& l) { return l.baseline.pair ? l.baseline.pair->b->name : std::string(); }},
    {"excess_over_baseline", [](const Line& l) { return l.gain(l.baseline.value); }},
    {"class_null_mean", [](const Line& l) { return shortest(l.inference.class_null_mean); }},
    {"class_p", [](const Line& l) { return shortest(l.inference.class_p); }},
    {"ladder_highest", [](const Line& l) { return l.ladder.highest; }},
    {"ladder_excess", [](const Line& l) { return shortest(l.ladder.excess); }},
    {"ladder_excess_lo", [](const Line& l) { return shortest(l.ladder.excess_lo); }},
    {"ladder_excess_hi", [](const Line& l) { return shortest(l.ladder.excess_hi); }},
    {"reason",
     [](const Line& l) {
       return l.score.reason.empty() ? l.inference.interval_reason : l.score.reason;
     }},
}};

}  // namespace

std::string pairs_csv(const StudyResult& study) {
  const StudyView view(study);
  std::vector<std::string> fields;
  for (const auto& column : kColumns) fields.emplace_back(column.name);
  std::string out = csv_line(fields);
  const Ladder none;
  for (const auto& table : view.tables())
    for (const auto& pair : table.pairs) {
      const Ladder* ladder = view.ladder(pair);
      const Line line{pair,
                      pair.pair->score,
                      pair.pair->inference,
                      table.baseline(pair),
                      table,
                      ladder == nullptr ? none : *ladder};
      fields.clear();
      for (const auto& column : kColumns) fields.push_back(column.text(line));
      out += csv_line(fields);
    }
  return out;
}

}  // namespace consilience::engine
