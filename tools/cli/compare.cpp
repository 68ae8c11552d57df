#include "engine/tasks/compare_views.h"

#include <fmt/format.h>

#include <cmath>
#include <filesystem>

#include "engine/metrics/metric.h"
#include "engine/report/tables.h"
#include "engine/store/feature_file.h"
#include "kernels/base/error.h"
#include "tools/cli/command.h"
#include "tools/cli/conditioning_flags.h"

namespace consilience::cli {
namespace {

struct Words {
  std::string file_a, file_b, metric = "mutual_knn(k=10)";
  int k = 0;
  int permutations = 200, splits = 25;
  uint64_t seed = 1;
  bool round_to_f32 = false;
};

std::string number(double value) { return std::isnan(value) ? "-" : fmt::format("{:.4f}", value); }

std::string layer_name(const std::vector<std::string>& layers, int64_t i) {
  return i < 0 ? "-" : layers[static_cast<size_t>(i)];
}

void print_pair(const engine::PairResult& pair) {
  const auto& score = pair.score;
  const auto& inference = pair.inference;
  std::string out = engine::printed_name(score) + "\n\n";
  const auto line = [&](const char* what, const std::string& value) {
    out += fmt::format("  {:<22}{}\n", what, value);
  };
  if (!score.reason.empty()) {
    line("score", "null: " + score.reason);
    return print(out);
  }
  const size_t pairs = score.layers_a.size() * score.layers_b.size();
  const char* what = pairs == 1 ? "score" : "maximum over layers";
  line(what, fmt::format("{}   [{}, {}]", number(score.maximum), number(inference.lo),
                         number(inference.hi)));
  if (pairs > 1) {
    line("  at", fmt::format("{} x {}, of {} layer pairs", layer_name(score.layers_a, score.best_a),
                             layer_name(score.layers_b, score.best_b), pairs));
    line("mean over layers", number(score.mean));
  }
  line("chance", number(score.chance));
  if (!inference.null_maxima.empty()) {
    line("null", fmt::format("mean {}, sd {}, largest {} of {} row permutations{}",
                             number(inference.null_mean), number(inference.null_sd),
                             number(inference.null_largest), inference.null_maxima.size(),
                             pairs == 1 ? "" : " (of the maximum)"));
    line("p", fmt::format("{:.4g}{}", inference.p,
                          inference.p <= inference.p_floor
                              ? " (the least that so many permutations can give)"
                              : ""));
  }
  if (!inference.interval_reason.empty()) line("no interval", inference.interval_reason);
  if (!inference.interval.empty()) line("interval", inference.interval + ", value +- 1.96 sd");
  print(out);
}

/// What a reader should know before quoting the score: on stderr, a line each.
void print_warnings(const engine::StudyResult& result) {
  const int64_t n = result.pairs.front().score.n;
  for (const auto& layer : result.layers) {
    const std::string name = fmt::format("{} {}/{}", layer.model, layer.layer, layer.pooling);
    const auto& facts = layer.facts;
    if (!layer.reason.empty()) {
      fmt::print(stderr, "note: {}: {}\n", name, layer.reason);
      continue;
    }
    if (facts.clamp_off_sparse)
      fmt::print(stderr, "note: {}: sparse, so nothing was clamped\n", name);
    if (facts.exact_duplicates > 0)
      fmt::print(stderr, "note: {}: {} rows equal an earlier one\n", name, facts.exact_duplicates);
    if (facts.rows_with_ties * 20 > n)
      fmt::print(stderr, "note: {}: ties decide the last neighbour of {} of {} rows\n", name,
                 facts.rows_with_ties, n);
    if (facts.max_in_degree * 5 > n)
      fmt::print(stderr, "note: {}: one row is among the neighbours of {} of {} rows (a hub)\n",
                 name, facts.max_in_degree, n);
  }
}

engine::Json as_json(const engine::StudyResult& result, const engine::Conditioning& conditioning) {
  const auto& pair = result.pairs.front();
  engine::Json rows = engine::Json::parse(engine::scores_json(engine::tidy_rows(result)));
  return {{"metric", engine::printed_name(pair.score)},
          {"conditioning", engine::describe(conditioning)},
          {"n", pair.score.n},
          {"maximum", pair.score.maximum},
          {"mean", pair.score.mean},
          {"layer_a", layer_name(pair.score.layers_a, pair.score.best_a)},
          {"layer_b", layer_name(pair.score.layers_b, pair.score.best_b)},
          {"chance", pair.score.chance},
          {"null_mean", pair.inference.null_mean},
          {"null_sd", pair.inference.null_sd},
          {"p", pair.inference.p},
          {"lo", pair.inference.lo},
          {"hi", pair.inference.hi},
          {"reason", pair.score.reason},
          {"rows", rows}};
}

int compare(const Words& words, const engine::Conditioning& conditioning, const Globals& globals) {
  engine::CompareRequest request;
  request.conditioning = conditioning;
  request.metric = engine::parse_metric(words.metric);
  if (words.k > 0) request.metric.k = words.k;
  request.permutations = words.permutations;
  request.splits = words.splits;
  request.seed = words.seed;
  const auto a = engine::open_feature_file(words.file_a, words.round_to_f32);
  const auto b = engine::open_feature_file(words.file_b, words.round_to_f32);
  kernels::Context context;
  context.threads = globals.threads;
  const auto result = engine::compare_views(context, words.file_a, *a, words.file_b, *b, request);
  if (globals.json)
    print_json(as_json(result, conditioning));
  else
    print_pair(result.pairs.front());
  print_warnings(result);
  return 0;
}

}  // namespace

void add_compare(CLI::App& app, Globals& globals, Action& action) {
  CLI::App* verb =
      add_verb(app, "compare", "compare two feature files, row by row the same samples",
               "consilience compare dino.safetensors llama.npy\n"
               "  consilience compare a.npy b.npy --k 20 --preset none --scale l2 --json");
  auto words = std::make_shared<Words>();
  verb->add_option("a", words->file_a, ".npy or .safetensors, [n, d] or [n, layers, d]")
      ->required();
  verb->add_option("b", words->file_b, "the same, with as many rows")->required();
  verb->add_option("--metric", words->metric, "the metric")->capture_default_str();
  verb->add_option("--k", words->k, "neighbours (overrides the metric's k)")
      ->check(CLI::Range(1, 1024));
  verb->add_option("--permutations", words->permutations, "row permutations of the null; 0: none")
      ->capture_default_str()
      ->check(CLI::Range(0, 1000000));
  verb->add_option("--splits", words->splits, "half-splits of the interval; 0: none")
      ->capture_default_str()
      ->check(CLI::Range(0, 100000));
  verb->add_option("--seed", words->seed, "seed of permutations and splits")->capture_default_str();
  verb->add_flag("--round-to-f32", words->round_to_f32,
                 "round float64 features that are no exact float32");
  const ConditioningFlags conditioning(*verb);
  verb->callback([=, &globals, &action] {
    action = [=, &globals] { return compare(*words, conditioning.value(), globals); };
  });
}

}  // namespace consilience::cli
