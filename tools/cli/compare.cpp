#include "engine/tasks/compare_views.h"

#include <fmt/format.h>

#include <filesystem>
#include <set>

#include "engine/metrics/metric.h"
#include "engine/metrics/named_metrics.h"
#include "engine/store/feature_file.h"
#include "engine/tasks/answer_requests.h"
#include "engine/types/selected_rows.h"
#include "kernels/base/error.h"
#include "tools/cli/command.h"
#include "tools/cli/compare_text.h"
#include "tools/cli/conditioning_flags.h"
#include "tools/cli/device_flag.h"
#include "tools/cli/sample_labels.h"

namespace consilience::cli {
namespace {

struct Words {
  std::string file_a, file_b;
  std::vector<std::string> metrics;
  bool all = false;
  std::string requests, against;
  std::vector<std::string> random_a, random_b, trivial_a, trivial_b;
  std::string classes, groups, interval = "half-splits";
  std::vector<int64_t> dropped;
  int k = 0;
  int permutations = 200, splits = 25;
  uint64_t seed = 1;
  double alpha = 0.05;
  bool whole_groups = false, costly = false, round_to_f32 = false;
};

/// Feature files, opened and named; they live as long as this.
class Files {
 public:
  Files(bool round_to_f32, std::vector<int64_t> dropped)
      : round_to_f32_(round_to_f32), dropped_(std::move(dropped)) {}
  /// Rows of the file opened last, dropped ones included.
  [[nodiscard]] int64_t whole_rows() const { return whole_rows_; }
  engine::NamedFeatures open(const std::string& file, const std::string& role = "trained") {
    auto view = engine::open_feature_file(file, round_to_f32_);
    whole_rows_ = view->rows();
    if (!dropped_.empty())
      view = std::make_unique<engine::SelectedRows>(std::move(view),
                                                    engine::rows_without(whole_rows_, dropped_));
    views_.push_back(std::move(view));
    std::string name = std::filesystem::path(file).filename().string();
    if (!names_.insert(name).second) name = file;
    return {name, views_.back().get(), role};
  }
  void open_all(const std::vector<std::string>& files, const std::string& role,
                std::vector<engine::NamedFeatures>& out) {
    for (const auto& file : files) out.push_back(open(file, role));
  }

 private:
  bool round_to_f32_;
  std::vector<int64_t> dropped_;
  int64_t whole_rows_ = 0;
  std::set<std::string> names_;
  std::vector<std::unique_ptr<engine::FeatureView>> views_;
};

std::vector<engine::MetricSpec> metrics_of(const Words& words) {
  std::vector<engine::MetricSpec> metrics;
  for (const auto& text : words.metrics) metrics.push_back(engine::parse_metric(text));
  if (words.all || metrics.empty()) {
    const auto more = words.all ? engine::all_metrics() : engine::usual_metrics();
    for (const auto& metric : more)
      if (std::ranges::find(metrics, metric) == metrics.end()) metrics.push_back(metric);
  }
  if (words.k > 0)
    for (auto& metric : metrics)
      if (metric.has("k")) metric.params["k"] = std::to_string(words.k);
  return metrics;
}

engine::LadderWords ladder_words(double alpha) {
  return {.selection = "leave --permutations above 0",
          .trivial = "give features of a trivial encoder: --trivial-a FILE, --trivial-b FILE",
          .random = "give features of random-weights twins: --random-a FILE, --random-b FILE",
          .classes = "give class names: --classes FILE",
          .interval = "leave --splits above 0",
          .alpha = alpha};
}

int answer(const kernels::Context& context, const Words& words, Files& files,
           const engine::CompareRequest& request) {
  const auto a = files.open(words.file_a);
  const auto b = files.open(words.file_b);
  expect(a.features->rows() == b.features->rows(),
         "{} has {} rows, {} has {}: row i of both must be the same sample", a.name,
         a.features->rows(), b.name, b.features->rows());
  const std::filesystem::path file = words.requests;
  print_json(engine::answer_requests(context, *a.features, *b.features, request.labels,
                                     request.conditioning, engine::read_json(file),
                                     file.parent_path()));
  return 0;
}

int paired(const kernels::Context& context, const Words& words, Files& files,
           const engine::CompareRequest& request, const Globals& globals) {
  const auto out =
      engine::compare_paired(context, files.open(words.file_a), files.open(words.file_b),
                             files.open(words.against), request);
  const std::string name = engine::metric_text(request.metrics.front());
  if (globals.json) {
    print_json({{"metric", name},
                {"a", out.value_a},
                {"b", out.value_b},
                {"difference", out.difference},
                {"lo", out.lo},
                {"hi", out.hi},
                {"p", out.p},
                {"interval", out.interval},
                {"reason", out.reason}});
    return 0;
  }
  if (!out.reason.empty()) {
    print(fmt::format("{} with {}: null: {}\n", name, words.against, out.reason));
    return 0;
  }
  print(fmt::format(
      "{} with {}, layers chosen on half of the samples and scored on the other\n\n"
      "  {:<28}{:.4f}\n  {:<28}{:.4f}\n  {:<28}{:+.4f} [{:+.4f}, {:+.4f}], {}\n"
      "  {:<28}{:.4g}\n",
      name, words.against, words.file_a, out.value_a, words.file_b, out.value_b, "difference",
      out.difference, out.lo, out.hi, out.interval, "p of no difference", out.p));
  return 0;
}

int compare(const Words& words, const engine::Conditioning& conditioning,
            const kernels::Context& context, const Globals& globals) {
  Files files(words.round_to_f32, words.dropped);
  engine::CompareRequest request;
  request.conditioning = conditioning;
  request.metrics = metrics_of(words);
  request.permutations = words.permutations;
  request.splits = words.splits;
  request.seed = words.seed;
  request.alpha = words.alpha;
  request.interval = engine::parse_interval_kind(words.interval);
  request.whole_groups = words.whole_groups;
  request.costly = words.costly;
  request.words = ladder_words(words.alpha);
  const auto a = files.open(words.file_a);
  request.labels =
      read_labels(words.classes, words.groups,
                  engine::rows_without(files.whole_rows(), words.dropped), files.whole_rows());
  if (words.whole_groups && words.groups.empty())
    fail(Failure::usage, "--whole-groups moves groups as wholes: name them with --groups FILE");
  if (!words.requests.empty()) return answer(context, words, files, request);
  if (!words.against.empty()) return paired(context, words, files, request, globals);
  files.open_all(words.random_a, "random", request.baselines_a);
  files.open_all(words.trivial_a, "trivial", request.baselines_a);
  files.open_all(words.random_b, "random", request.baselines_b);
  files.open_all(words.trivial_b, "trivial", request.baselines_b);
  const auto result = engine::compare_views(context, a, files.open(words.file_b), request);
  if (globals.json)
    print_json(compare_json(result, request.metrics.size()));
  else
    print(compare_text(result, request.metrics.size()));
  fmt::print(stderr, "{}", compare_notes(result, request.metrics.size()));
  return 0;
}

}  // namespace

void add_compare(CLI::App& app, Globals& globals, Action& action) {
  CLI::App* verb = add_verb(
      app, "compare", "compare two feature files, row by row the same samples",
      "consilience compare dino.safetensors llama.npy\n"
      "  consilience compare a.npy b.npy --metric 'mutual_knn(k=20)' --metric cka_linear_debiased\n"
      "  consilience compare a.npy b.npy --random-a a_untrained.npy --classes classes.txt\n"
      "  consilience compare a.npy b.npy --against c.npy");
  auto words = std::make_shared<Words>();
  verb->add_option("a", words->file_a, ".npy or .safetensors, [n, d] or [n, layers, d]")
      ->required();
  verb->add_option("b", words->file_b, "the same, with as many rows")->required();
  verb->add_option("--metric", words->metrics,
                   "a metric, as 'consilience metrics' lists them; may be repeated; the first is "
                   "the headline (default: fourteen that papers quote)")
      ->expected(1);
  verb->add_flag("--all", words->all, "every metric");
  verb->add_option(
      "--request", words->requests,
      "JSON file: a list of {metric, params, preprocess}; prints the list with values");
  verb->add_option("--against", words->against,
                   "a third feature file: is a or b closer to it, under the first metric?");
  verb->add_option("--k", words->k, "neighbours (overrides the k of every metric)")
      ->check(CLI::Range(1, 1024));
  for (auto* option :
       {verb->add_option("--random-a", words->random_a, "random-weights twins of a (baseline)"),
        verb->add_option("--random-b", words->random_b, "random-weights twins of b"),
        verb->add_option("--trivial-a", words->trivial_a, "trivial encoders in place of a"),
        verb->add_option("--trivial-b", words->trivial_b, "trivial encoders in place of b")})
    option->expected(1)->group("Baselines");
  verb->add_option("--classes", words->classes, "text file with a class name a row")
      ->group("Baselines");
  verb->add_option("--groups", words->groups,
                   "text file with a sibling group a row: siblings are no neighbours");
  verb->add_flag("--whole-groups", words->whole_groups,
                 "permutations move groups as wholes (all of one size)");
  verb->add_option("--permutations", words->permutations, "row permutations of the null; 0: none")
      ->capture_default_str()
      ->check(CLI::Range(0, 1000000));
  verb->add_option(
          "--interval", words->interval,
          "half-splits, jackknife (conservative), query-bootstrap (this gallery only), none")
      ->capture_default_str();
  verb->add_option("--splits", words->splits, "half-splits of the interval; 0: none")
      ->capture_default_str()
      ->check(CLI::Range(0, 100000));
  verb->add_option("--alpha", words->alpha, "significance level of calibrated scores")
      ->capture_default_str()
      ->check(CLI::Range(0.0001, 0.5));
  verb->add_flag("--costly", words->costly,
                 "all permutations and intervals also for metrics that decompose matrices");
  verb->add_option("--seed", words->seed, "seed of permutations and splits")->capture_default_str();
  verb->add_option("--drop-rows", words->dropped,
                   "rows to leave out on both sides, such as 7,9: constant ones, bad samples")
      ->delimiter(',');
  verb->add_flag("--round-to-f32", words->round_to_f32,
                 "round float64 features that are no exact float32");
  const ConditioningFlags conditioning(*verb);
  const DeviceFlag device(*verb);
  verb->callback([=, &globals, &action] {
    action = [=, &globals] {
      return compare(*words, conditioning.value(), device.usable(globals), globals);
    };
  });
}

}  // namespace consilience::cli
