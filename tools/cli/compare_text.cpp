#include "tools/cli/compare_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/metrics/metric.h"
#include "engine/report/tables.h"

namespace consilience::cli {
namespace {

using engine::Json;
using engine::PairResult;

std::string number(double value) { return std::isnan(value) ? "-" : fmt::format("{:.4f}", value); }

std::string layer_name(const std::vector<std::string>& layers, int64_t i) {
  return i < 0 ? "-" : layers[static_cast<size_t>(i)];
}

bool many_layers(const PairResult& pair) { return pair.score.grid.values().size() > 1; }

std::string interval(const engine::PairInference& inference) {
  return inference.interval.empty()
             ? ""
             : fmt::format("[{}, {}]", number(inference.lo), number(inference.hi));
}

std::string p_text(const engine::PairInference& inference) {
  return std::isnan(inference.p) ? "-" : fmt::format("{:.4g}", inference.p);
}

/// A line of the table; a null score gives its reason instead of numbers.
std::string metric_line(const PairResult& pair, size_t width) {
  const auto& [score, inference] = pair;
  const std::string name = engine::metric_text(score.metric);
  if (!score.reason.empty()) return fmt::format("{:<{}}  null: {}\n", name, width, score.reason);
  std::string line =
      fmt::format("{:<{}}  {:>9}  {:<19}  {:>8}  {:>8}  {:>8}  {:>7}", name, width,
                  number(score.maximum), interval(inference), number(score.chance),
                  number(inference.null_mean), number(inference.null_sd), p_text(inference));
  if (many_layers(pair))
    line += fmt::format("  {} x {}", layer_name(score.layers_a, score.best_a),
                        layer_name(score.layers_b, score.best_b));
  return line + "\n";
}

std::string table(const engine::StudyResult& result, size_t metrics) {
  size_t width = 6;
  for (size_t i = 0; i < metrics; ++i)
    width = std::max(width, engine::metric_text(result.pairs[i].score.metric).size());
  std::string out = fmt::format("{:<{}}  {:>9}  {:<19}  {:>8}  {:>8}  {:>8}  {:>7}{}\n", "metric",
                                width, "score", "95 % interval", "chance", "null", "null sd", "p",
                                many_layers(result.pairs.front()) ? "  at" : "");
  for (size_t i = 0; i < metrics; ++i) out += metric_line(result.pairs[i], width);
  return out;
}

Json pair_json(const PairResult& pair) {
  const auto& [score, inference] = pair;
  Json others = Json::array();
  for (const auto& s : inference.others)
    others.push_back({{"name", s.name},
                      {"value", s.value},
                      {"null_mean", s.null_mean},
                      {"null_sd", s.null_sd},
                      {"p", s.p}});
  return {{"metric", score.metric.name},
          {"params", score.metric.params},
          {"preprocess", score.metric.preprocess},
          {"name", engine::printed_name(score)},
          {"model_a", score.model_a},
          {"model_b", score.model_b},
          {"value", score.maximum},
          {"mean", score.mean},
          {"layer_a", layer_name(score.layers_a, score.best_a)},
          {"layer_b", layer_name(score.layers_b, score.best_b)},
          {"chance", score.chance},
          {"null_mean", inference.null_mean},
          {"null_sd", inference.null_sd},
          {"null_largest", inference.null_largest},
          {"permutations", inference.null_maxima.size()},
          {"p", inference.p},
          {"p_floor", inference.p_floor},
          {"p_tail", inference.p_tail},
          {"z", inference.z},
          {"corrected", inference.corrected},
          {"threshold", inference.threshold},
          {"calibrated", inference.calibrated},
          {"within_class_null_mean", inference.class_null_mean},
          {"within_class_p", inference.class_p},
          {"lo", inference.lo},
          {"hi", inference.hi},
          {"interval", inference.interval},
          {"interval_reason", inference.interval_reason},
          {"others", others},
          {"remarks", score.remarks},
          {"reason", score.reason}};
}

Json ladder_json(const engine::Ladder& ladder) {
  Json rungs = Json::array();
  for (const auto& rung : ladder.rungs)
    rungs.push_back({{"key", rung.key},
                     {"name", rung.name},
                     {"value", rung.value},
                     {"lo", rung.lo},
                     {"hi", rung.hi},
                     {"from", rung.from},
                     {"missing", rung.missing},
                     {"baseline", rung.baseline}});
  return {{"metric", ladder.metric},       {"rungs", rungs},
          {"highest", ladder.highest},     {"excess", ladder.excess},
          {"excess_lo", ladder.excess_lo}, {"excess_hi", ladder.excess_hi},
          {"instances", ladder.instances}, {"wording", ladder.wording}};
}

std::string layer_note(const engine::LayerSummary& layer, int64_t n) {
  const std::string name = fmt::format("note: {} {}/{}: ", layer.model, layer.layer, layer.pooling);
  const auto& facts = layer.facts;
  if (!layer.reason.empty()) return name + layer.reason + "\n";
  std::string out;
  if (facts.clamp_off_sparse) out += name + "sparse, so nothing was clamped\n";
  if (facts.exact_duplicates > 0)
    out += fmt::format("{}{} rows equal an earlier one\n", name, facts.exact_duplicates);
  if (facts.rows_with_ties * 20 > n)
    out += fmt::format("{}ties decide the last neighbour of {} of {} rows\n", name,
                       facts.rows_with_ties, n);
  if (facts.max_in_degree * 5 > n)
    out += fmt::format("{}one row is among the neighbours of {} of {} rows (a hub)\n", name,
                       facts.max_in_degree, n);
  return out;
}

}  // namespace

std::string compare_text(const engine::StudyResult& result, size_t metrics) {
  std::string out;
  for (const auto& ladder : result.ladders) out += engine::ladder_text(ladder) + "\n";
  out += table(result, metrics);
  const auto& first = result.pairs.front().inference;
  if (!first.null_maxima.empty())
    out += fmt::format(
        "\nnull: row permutations{}; p = (1 + those that reach the score) / (1 + all), at least "
        "{:.4g} for {} of them.\n",
        many_layers(result.pairs.front()) ? " of the maximum over layers" : "", first.p_floor,
        first.null_maxima.size());
  if (!first.interval.empty()) out += fmt::format("interval: {}, 95 %.\n", first.interval);
  return out;
}

Json compare_json(const engine::StudyResult& result, size_t metrics) {
  const Json rows = Json::parse(engine::scores_json(engine::tidy_rows(result)));
  Json list = Json::array();
  Json baselines = Json::array();
  for (size_t i = 0; i < result.pairs.size(); ++i)
    (i < metrics ? list : baselines).push_back(pair_json(result.pairs[i]));
  Json out = {{"n", result.pairs.front().score.n},
              {"metrics", list},
              {"baselines", baselines},
              {"rows", rows}};
  if (!result.ladders.empty()) out["ladder"] = ladder_json(result.ladders.front());
  return out;
}

std::string compare_notes(const engine::StudyResult& result, size_t metrics) {
  const int64_t n = result.pairs.front().score.n;
  std::string out;
  for (const auto& layer : result.layers) out += layer_note(layer, n);
  for (size_t i = 0; i < metrics; ++i) {
    const auto& [score, inference] = result.pairs[i];
    for (const auto& remark : score.remarks)
      out += fmt::format("note: {}: {}\n", engine::metric_text(score.metric), remark);
    if (inference.p <= inference.p_floor && inference.p_tail < inference.p_floor)
      out += fmt::format(
          "note: {}: p is the least that {} permutations can give; the Pearson III law with the "
          "null's moments has {} (approximate)\n",
          engine::metric_text(score.metric), inference.null_maxima.size(),
          // Far out three moments say nothing of the tail's shape.
          inference.p_tail < 1e-12 ? "less than 1e-12" : fmt::format("{:.2g}", inference.p_tail));
    if (score.reason.empty() && !inference.interval_reason.empty())
      out += fmt::format("note: {}: no interval: {}\n", engine::metric_text(score.metric),
                         inference.interval_reason);
  }
  return out;
}

}  // namespace consilience::cli
