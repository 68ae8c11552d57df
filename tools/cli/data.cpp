#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "engine/audio/waveform.h"
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

/// What is heard in the valid rows.
struct Sound {
  double seconds = 0, shortest = 0, longest = 0;
  std::set<int> rates;  // Hz
};

Sound sound_of(const engine::DataSet& data) {
  Sound sound;
  for (const int64_t row : data.valid_rows()) {
    const auto [frames, rate] = data.recordings[static_cast<size_t>(row)];
    const double seconds = static_cast<double>(frames) / rate;
    sound.shortest = sound.rates.empty() ? seconds : std::min(sound.shortest, seconds);
    sound.longest = std::max(sound.longest, seconds);
    sound.seconds += seconds;
    sound.rates.insert(rate);
  }
  return sound;
}

int show(const Words& words, const Globals& globals) {
  engine::DataOptions options;
  options.limit = words.limit;
  options.on_bad_sample = engine::OnBadSample::skip;
  options.group = words.group;
  options.class_field = words.class_field;
  options.store = words.store;
  options.whatever_is_there = true;
  options.check_picture = engine::check_picture;
  options.check_recording = engine::check_recording;
  const engine::DataSet data = engine::open_data_set(words.source, options);
  if (globals.json) {
    engine::Json bad = engine::Json::array();
    for (const auto& b : data.bad)
      bad.push_back({{"row", b.row}, {"id", b.id}, {"reason", b.reason}});
    engine::Json found = {{"name", data.name},
                          {"hash", data.hash},
                          {"rows", data.rows()},
                          {"valid", data.valid_rows().size()},
                          {"bad", bad}};
    if (!data.recordings.empty()) {
      const Sound sound = sound_of(data);
      found["sound"] = {{"seconds", sound.seconds},
                        {"shortest_s", sound.shortest},
                        {"longest_s", sound.longest},
                        {"rates", sound.rates}};
    }
    print_json(found);
  } else {
    print(fmt::format("{}: {} rows, {} of them valid\n", data.key(), data.rows(),
                      data.valid_rows().size()));
    if (!data.recordings.empty()) {
      const Sound sound = sound_of(data);
      print(fmt::format("  sound: {:.1f} s in all, {:.2f} to {:.2f} s a recording, at {} Hz\n",
                        sound.seconds, sound.shortest, sound.longest,
                        fmt::join(sound.rates, ", ")));
    }
    for (int64_t i = 0; i < std::min(words.rows, data.rows()); ++i) {
      const auto& s = data.samples[static_cast<size_t>(i)];
      print(fmt::format("  {:<12}{:<26}{}{}\n", s.id, s.image,
                        data.recordings.empty() ? "" : fmt::format("{:<26}", s.audio), s.caption));
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
