#include <fmt/format.h>

#include <algorithm>
#include <new>

#include "engine/base/cancel.h"
#include "engine/base/nearest.h"
#include "kernels/base/error.h"
#include "tools/cli/command.h"

namespace consilience::cli {
namespace {

constexpr const char* kAbout =
    "consilience measures whether the representations of models converge.\n"
    "Results go to stdout, talk to stderr. Exit codes: 0 done, 2 usage, 3 this input can never\n"
    "succeed, 4 transient (retry), 5 out of memory (retry smaller), 6 cancelled (retry).";

int report_failure(const Globals& globals, Failure kind, const std::string& message) {
  if (globals.json)
    fmt::print(stderr, "{}\n",
               engine::canonical_json(
                   {{"error", {{"exit_code", static_cast<int>(kind)}, {"message", message}}}}));
  else
    fmt::print(stderr, "consilience: {}\n", message);
  return static_cast<int>(kind);
}

/// CLI11 says only that arguments were not expected; a new user wants to know which word was near.
std::string explain(const CLI::App& app, const CLI::ParseError& error, int argc, char** argv) {
  std::string message = error.what();
  if (dynamic_cast<const CLI::ExtrasError*>(&error) == nullptr &&
      dynamic_cast<const CLI::RequiredError*>(&error) == nullptr)
    return message;
  const CLI::App* at = &app;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const std::string bare = word.substr(0, word.find('='));
    std::vector<std::string> known;
    for (const auto* verb : at->get_subcommands([](const CLI::App*) { return true; }))
      known.push_back(verb->get_name());
    if (std::find(known.begin(), known.end(), word) != known.end()) {
      at = at->get_subcommand(word);
      continue;
    }
    for (const CLI::App* asked : {at, &app})
      for (const auto* option : asked->get_options())
        for (const auto& name : option->get_lnames()) known.push_back("--" + name);
    if (std::find(known.begin(), known.end(), bare) != known.end()) continue;
    if (const std::string hint = engine::did_you_mean(bare, known); !hint.empty())
      return fmt::format("unknown word '{}'{}", bare, hint);
    const bool is_value = i > 1 && argv[i - 1][0] == '-';  // perhaps, of an option
    if (word.starts_with('-') || is_value) continue;
    if (at == &app) return fmt::format("unknown verb '{}'; `consilience --help` lists them", word);
    if (!at->get_subcommands([](const CLI::App*) { return true; }).empty())
      return fmt::format("unknown verb '{0}' of '{1}'; `consilience {1} --help` lists them", word,
                         at->get_name());
  }
  if (!at->get_subcommands([](const CLI::App*) { return true; }).empty())
    return fmt::format("'{}' needs a verb behind it", at->get_name());
  return message;
}

int run(int argc, char** argv) {
  CLI::App app{kAbout, "consilience"};
  app.require_subcommand(1);
  app.set_version_flag("--version", "consilience 0.1.0");
  app.fallthrough();
  Globals globals;
  app.add_flag("--json", globals.json, "results and errors as JSON");
  app.add_flag("--quiet", globals.quiet, "no progress");
  app.add_option("--threads", globals.threads, "threads; 0: all cores")->check(CLI::Range(0, 4096));

  Action action;
  add_compare(app, globals, action);
  add_graph(app, globals, action);
  add_run(app, globals, action);
  add_report(app, globals, action);
  add_study(app, globals, action);
  add_metrics(app, globals, action);
  add_models(app, globals, action);
  add_data(app, globals, action);
  add_store(app, globals, action);
  add_export(app, globals, action);
  add_doctor(app, globals, action);
  add_selftest(app, globals, action);
  add_bench(app, globals, action);

  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& help) {
    return app.exit(help);
  } catch (const CLI::ParseError& error) {
    return report_failure(globals, Failure::usage,
                          explain(app, error, argc, argv) + " (--help shows the usage)");
  }
  try {
    engine::install_cancel_signals();
    return action();
  } catch (const Error& error) {
    return report_failure(globals, error.kind(), error.what());
  } catch (const std::bad_alloc&) {
    return report_failure(globals, Failure::out_of_memory,
                          "out of memory: retry with fewer rows, layers or threads");
  } catch (const std::exception& error) {
    return report_failure(globals, Failure::never, error.what());
  }
}

}  // namespace

CLI::App* add_verb(CLI::App& app, const std::string& name, const std::string& what,
                   const std::string& example) {
  CLI::App* verb = app.add_subcommand(name, what);
  if (!example.empty()) verb->footer("Example:\n  " + example);
  return verb;
}

void print(const std::string& text) { fmt::print("{}", text); }

void print_json(const engine::Json& value) { fmt::print("{}\n", engine::canonical_json(value)); }

}  // namespace consilience::cli

int main(int argc, char** argv) { return consilience::cli::run(argc, argv); }
