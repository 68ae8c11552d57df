#pragma once
#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "engine/base/json.h"

namespace consilience::cli {

/// Switches that every verb knows.
struct Globals {
  bool json = false;   // results and errors as JSON
  bool quiet = false;  // no progress
  int threads = 0;     // 0: all cores
};

/// The verb that was chosen; its result is the exit code.
using Action = std::function<int()>;

void add_bench(CLI::App& app, Globals& globals, Action& action);
void add_compare(CLI::App& app, Globals& globals, Action& action);
void add_data(CLI::App& app, Globals& globals, Action& action);
void add_doctor(CLI::App& app, Globals& globals, Action& action);
void add_export(CLI::App& app, Globals& globals, Action& action);
void add_graph(CLI::App& app, Globals& globals, Action& action);
void add_metrics(CLI::App& app, Globals& globals, Action& action);
void add_models(CLI::App& app, Globals& globals, Action& action);
void add_report(CLI::App& app, Globals& globals, Action& action);
void add_run(CLI::App& app, Globals& globals, Action& action);
void add_selftest(CLI::App& app, Globals& globals, Action& action);
void add_store(CLI::App& app, Globals& globals, Action& action);
void add_study(CLI::App& app, Globals& globals, Action& action);

/// Adds a verb with its example under the help text.
CLI::App* add_verb(CLI::App& app, const std::string& name, const std::string& what,
                   const std::string& example);

/// Results go to stdout, one way or the other.
void print(const std::string& text);
void print_json(const engine::Json& value);

}  // namespace consilience::cli
