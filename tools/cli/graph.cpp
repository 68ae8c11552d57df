#include <fmt/format.h>
#include <fmt/ranges.h>

#include "engine/graphs/build_graphs.h"
#include "engine/store/feature_file.h"
#include "engine/store/npy.h"
#include "kernels/base/error.h"
#include "tools/cli/command.h"
#include "tools/cli/conditioning_flags.h"
#include "tools/cli/device_flag.h"

namespace consilience::cli {
namespace {

struct Words {
  std::string file, layer, out, scores;
  int k = 10;
  bool round_to_f32 = false;
};

int64_t find_slot(const engine::FeatureView& features, const Words& words) {
  std::vector<std::string> names;
  for (const auto& slot : features.slots()) names.push_back(slot.name());
  if (words.layer.empty() && names.size() == 1) return 0;
  for (size_t i = 0; i < names.size(); ++i)
    if (names[i] == words.layer || features.slots()[i].layer == words.layer)
      return static_cast<int64_t>(i);
  fail(Failure::usage, "{}: name a layer with --layer; there are: {}", words.file,
       fmt::join(names, ", "));
}

template <typename T>
void write_lists(const std::string& file, const Matrix<T>& lists) {
  engine::write_npy(file, engine::tensor("lists", {lists.rows(), lists.cols()}, lists.values()));
}

int graph(const Words& words, const engine::Conditioning& conditioning,
          const kernels::Context& context, const Globals& globals) {
  const auto features = engine::open_feature_file(words.file, words.round_to_f32);
  const int64_t n = features->rows();
  expect(words.k < n, "{}: k = {} needs more than {} rows; there are {}", words.file, words.k,
         words.k, n);
  const int64_t slot = find_slot(*features, words);
  engine::GraphRequest request;
  request.model = words.file;
  request.conditioning = conditioning;
  request.k = words.k;
  request.capacity = words.k;
  const auto layer =
      engine::build_layer_graph(context, *features, slot, request,
                                engine::fit_clamp(context, *features, words.file, conditioning));
  const auto& lists = layer.graph;
  expect(lists.reason.empty(), "{}: no neighbours: {}", words.file, lists.reason);
  if (!words.out.empty()) write_lists(words.out, lists.index);
  if (!words.scores.empty()) write_lists(words.scores, lists.score);

  const auto& facts = lists.facts;
  if (globals.json) {
    print_json({{"file", words.file},
                {"n", n},
                {"k", words.k},
                {"conditioning", engine::describe(conditioning)},
                {"clamp_threshold", facts.clamp_threshold},
                {"exact_duplicates", facts.exact_duplicates},
                {"max_in_degree", facts.max_in_degree},
                {"rows_with_ties", facts.rows_with_ties},
                {"out", words.out}});
    return 0;
  }
  print(fmt::format("{}: the {} nearest of {} rows, {}\n", words.file, words.k, n,
                    engine::describe(conditioning)));
  print(
      fmt::format("  rows equal to an earlier one   {}\n  rows decided by a tie          {}\n"
                  "  lists with the largest hub     {}\n",
                  facts.exact_duplicates, facts.rows_with_ties, facts.max_in_degree));
  for (int64_t i = 0; i < std::min<int64_t>(words.out.empty() ? 5 : 0, n); ++i)
    print(fmt::format("  row {:<5}{}\n", i, fmt::join(lists.index.row(i), " ")));
  if (words.out.empty()) print("  (--out FILE.npy writes them all, int32 [n, k])\n");
  return 0;
}

}  // namespace

void add_graph(CLI::App& app, Globals& globals, Action& action) {
  CLI::App* verb = add_verb(app, "graph", "write the exact neighbour lists of a feature file",
                            "consilience graph X.npy --k 10 --out L.npy");
  auto words = std::make_shared<Words>();
  verb->add_option("file", words->file, ".npy or .safetensors, [n, d] or [n, layers, d]")
      ->required();
  verb->add_option("--k", words->k, "neighbours")
      ->capture_default_str()
      ->check(CLI::Range(1, 1024));
  verb->add_option("--layer", words->layer, "which one, where the file has several");
  verb->add_option("--out", words->out, "neighbours, int32 [n, k], best first");
  verb->add_option("--scores", words->scores, "their similarities, float64 [n, k]");
  verb->add_flag("--round-to-f32", words->round_to_f32,
                 "round float64 features that are no exact float32");
  const ConditioningFlags conditioning(*verb);
  const DeviceFlag device(*verb);
  verb->callback([=, &globals, &action] {
    action = [=, &globals] {
      return graph(*words, conditioning.value(), device.usable(globals), globals);
    };
  });
}

}  // namespace consilience::cli
