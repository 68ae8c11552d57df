#include <fmt/format.h>

#include "engine/open_study.h"
#include "engine/report/report.h"
#include "engine/report/tables.h"
#include "engine/schedule/run_plan.h"
#include "engine/store/events.h"
#include "engine/tasks/tasks.h"
#include "kernels/base/error.h"
#include "tools/cli/command.h"
#include "tools/cli/device_flag.h"

namespace consilience::cli {
namespace {

struct Words {
  std::string study, store;
};

engine::Study read(const Words& words) {
  engine::Study study = engine::read_study(words.study);
  if (!words.store.empty()) study.store.path = words.store;
  return study;
}

void print_result(engine::StudyContext& context, const engine::RunSummary& summary,
                  const Globals& globals) {
  const auto folder = engine::report_folder(context);
  const engine::StudyResult result = engine::collect_result(context);
  if (globals.json) {
    print_json({{"report", (folder / "index.html").string()},
                {"tasks_run", summary.ran},
                {"tasks_kept", summary.kept},
                {"rows", engine::Json::parse(engine::scores_json(engine::tidy_rows(result)))}});
    return;
  }
  print(engine::terminal_tables(result));
  print(fmt::format("features: {}\nreport: {}\n", engine::precision_text(context),
                    (folder / "index.html").string()));
}

int run(const Words& words, const kernels::Context& where, const Globals& globals) {
  const engine::Study study = read(words);
  const engine::Store store(study.store.path);
  const engine::EventLog events(store);
  engine::StudyContext context(engine::open_study(study, store, where), store,
                               {where, globals.quiet});
  const auto summary =
      engine::run_plan(engine::make_plan(context.inputs()), engine::task_table(context));
  events.write({{"event", "run"},
                {"study", study.name},
                {"ran", summary.ran},
                {"kept", summary.kept},
                {"failed", summary.failures.size()}});
  if (!summary.failures.empty()) {
    for (const auto& failure : summary.failures)
      fmt::print(stderr, "failed: {}: {}\n", failure.label, failure.message);
    fail(Failure::never,
         "{}: {} of {} tasks failed and {} more wait for them; what is done is kept", words.study,
         summary.failures.size(),
         summary.ran + summary.kept + summary.blocked + static_cast<int>(summary.failures.size()),
         summary.blocked);
  }
  if (summary.ran == 0)
    fmt::print(stderr, "nothing to do: all {} tasks of {} are done\n", summary.kept, words.study);
  print_result(context, summary, globals);
  return 0;
}

int report(const Words& words, const kernels::Context& where, const Globals& globals) {
  const engine::Study study = read(words);
  const engine::Store store(study.store.path);
  engine::StudyContext context(engine::open_study(study, store, where), store,
                               {where, globals.quiet});
  int left = 0;
  for (const auto& task : engine::make_plan(context.inputs()))
    if (task.kind == "infer" && !engine::infer_done(context, task)) ++left;
  expect(left == 0, "{}: {} results are not there yet: consilience run {}", words.study, left,
         words.study);
  engine::write_report(engine::report_folder(context), engine::collect_result(context));
  print_result(context, {}, globals);
  return 0;
}

void add_words(CLI::App& verb, Words& words) {
  verb.add_option("study", words.study, "the study file")->required();
  verb.add_option("--store", words.store, "the store, in place of the study's own");
}

}  // namespace

void add_run(CLI::App& app, Globals& globals, Action& action) {
  CLI::App* verb = add_verb(app, "run", "do what is left of a study and print its table and report",
                            "consilience run tools/studies/demo.toml");
  auto words = std::make_shared<Words>();
  add_words(*verb, *words);
  const DeviceFlag device(*verb);
  verb->callback([=, &globals, &action] {
    action = [=, &globals] { return run(*words, device.usable(globals), globals); };
  });
}

void add_report(CLI::App& app, Globals& globals, Action& action) {
  CLI::App* verb = add_verb(app, "report", "write a finished study's report anew",
                            "consilience report tools/studies/demo.toml");
  auto words = std::make_shared<Words>();
  add_words(*verb, *words);
  const DeviceFlag device(*verb);
  verb->callback([=, &globals, &action] {
    action = [=, &globals] { return report(*words, device.named(globals), globals); };
  });
}

}  // namespace consilience::cli
