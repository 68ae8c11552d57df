#include <fmt/format.h>

#include <csignal>
#include <cstdlib>
#include <sstream>

#include "engine/text/exporter.h"
#include "kernels/base/error.h"
#include "tools/cli/models_show.h"
#include "tools/cli/models_verbs.h"

namespace consilience::cli {
namespace {

/// Ours among the words behind `import`; every other word is for Python, which knows it.
std::vector<std::string> take_globals(const std::vector<std::string>& words, std::string& store,
                                      Globals& globals) {
  std::vector<std::string> rest;
  for (size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "--json") {
      globals.json = true;
    } else if (words[i] == "--quiet") {
      globals.quiet = true;
    } else if (words[i] == "--store" && i + 1 < words.size()) {
      store = words[++i];
    } else if (words[i].starts_with("--store=")) {
      store = words[i].substr(8);
    } else {
      rest.push_back(words[i]);
    }
  }
  return rest;
}

/// An exit code of the contract, also where Python crashed or was killed.
int checked_code(const engine::ProcessResult& result) {
  constexpr int kSignal = 128;
  if (result.exit_code == kSignal + SIGKILL)
    fail(Failure::out_of_memory,
         "the import was killed: when memory ran out, import with --dtype bf16 or --segments");
  const bool ours =
      result.exit_code == 0 || (result.exit_code >= static_cast<int>(Failure::usage) &&
                                result.exit_code <= static_cast<int>(Failure::cancelled));
  if (!ours)
    fail(Failure::never, "the import crashed (exit {}); what it said is above", result.exit_code);
  return result.exit_code;
}

engine::ProcessResult call_python(const std::vector<std::string>& arguments) {
  try {
    return engine::call_exporter(arguments);
  } catch (const Error& error) {
    if (error.kind() != Failure::cancelled) throw;
    fail(Failure::cancelled,
         "the import was stopped; packages are whole or not there: run it again for the rest");
  }
}

int import(const std::vector<std::string>& words, std::string store, Globals globals) {
  setenv("CONSILIENCE_PROGRAM", "consilience models", 1);
  const auto rest = take_globals(words, store, globals);
  std::vector<std::string> arguments = {"import", "--out", models_folder(store).string()};
  arguments.insert(arguments.end(), rest.begin(), rest.end());
  const engine::ProcessResult result = call_python(arguments);
  if (std::find(rest.begin(), rest.end(), "--help") != rest.end() ||
      std::find(rest.begin(), rest.end(), "-h") != rest.end()) {
    print(result.output);
    return checked_code(result);
  }
  engine::Json rows = engine::Json::array();
  std::istringstream lines(result.output);
  for (std::string line; std::getline(lines, line);) {
    const std::filesystem::path package(line);
    if (!std::filesystem::exists(package / "card.json")) continue;
    const engine::ZooModel model{package, models::read_card(package)};
    if (globals.json)
      rows.push_back({{"key", model.card.key()}, {"path", line}, {"about", model.card.about}});
    else
      print(card_line(model));
  }
  if (globals.json) print_json(rows);
  return checked_code(result);
}

}  // namespace

void add_models_import(const ModelsVerbs& verbs) {
  CLI::App* verb = verbs.models.add_subcommand(
      "import", "write packages of models and prove each equal to its original");
  verb->prefix_command();
  verb->fallthrough(false);
  verb->set_help_flag();  // Python's own help knows every option
  verb->callback([=, store = verbs.store, chosen = verbs.chosen, &globals = verbs.globals] {
    *chosen = [=, &globals] { return import(verb->remaining(), *store, globals); };
  });
}

}  // namespace consilience::cli
