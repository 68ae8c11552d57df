#include <fmt/format.h>

#include "engine/data/open.h"
#include "engine/image/picture.h"
#include "kernels/base/error.h"
#include "tools/cli/command.h"

namespace consilience::cli {
namespace {

struct Words {
  std::string source, store = "store", group, class_field;
  int64_t limit = 0;
  int64_t rows = 5;
};

int show(const Words& words, const Globals& globals) {
  engine::DataOptions options;
  options.limit = words.limit;
  options.on_bad_sample = engine::OnBadSample::skip;
  options.group = words.group;
  options.class_field = words.class_field;
  options.store = words.store;
  options.check_picture = engine::check_picture;
  const engine::DataSet data = engine::open_data_set(words.source, options);
  if (globals.json) {
    engine::Json bad = engine::Json::array();
    for (const auto& b : data.bad)
      bad.push_back({{"row", b.row}, {"id", b.id}, {"reason", b.reason}});
    print_json({{"name", data.name},
                {"hash", data.hash},
                {"rows", data.rows()},
                {"valid", data.valid_rows().size()},
                {"bad", bad}});
  } else {
    print(fmt::format("{}: {} rows, {} of them valid\n", data.key(), data.rows(),
                      data.valid_rows().size()));
    for (int64_t i = 0; i < std::min(words.rows, data.rows()); ++i) {
      const auto& s = data.samples[static_cast<size_t>(i)];
      print(fmt::format("  {:<12}{:<26}{}\n", s.id, s.image, s.caption));
    }
    for (const auto& b : data.bad)
      print(fmt::format("  bad: row {}, {}: {}\n", b.row, b.id, b.reason));
  }
  return data.bad.empty() ? 0 : static_cast<int>(Failure::never);
}

}  // namespace

void add_data(CLI::App& app, Globals& globals, Action& action) {
  CLI::App* data = add_verb(app, "data", "look at a data set", "");
  data->require_subcommand(1);
  auto words = std::make_shared<Words>();
  CLI::App* verb = add_verb(
      *data, "show",
      "read every sample, count the good ones and name the bad ones (exit 3 if there are any)",
      "consilience data show emoji-things\n  consilience data show pairs.jsonl --limit 100");
  verb->add_option("source", words->source, "a built-in name, a folder or a .jsonl file")
      ->required();
  verb->add_option("--limit", words->limit, "the first so many rows; 0: all")
      ->check(CLI::NonNegativeNumber);
  verb->add_option("--rows", words->rows, "how many to print")
      ->capture_default_str()
      ->check(CLI::NonNegativeNumber);
  verb->add_option("--group", words->group, "field whose equal values are siblings");
  verb->add_option("--class", words->class_field, "field with class ids");
  verb->add_option("--store", words->store, "where the built-in sets are")->capture_default_str();
  verb->callback(
      [=, &globals, &action] { action = [=, &globals] { return show(*words, globals); }; });
}

}  // namespace consilience::cli
