#include "engine/tasks/selftest.h"

#include "tools/cli/command.h"
#include "tools/cli/device_flag.h"

namespace consilience::cli {
namespace {

struct Options {
  bool brief = false;
  std::string only;
  uint64_t seed = 1;
};

int selftest(const Options& options, const kernels::Context& context, const Globals& globals) {
  const engine::selftest::Request request{.coverage = options.only != "type1",
                                          .type_one = options.only != "coverage",
                                          .brief = options.brief,
                                          .seed = options.seed};
  const auto result = engine::selftest::run(context, request);
  if (globals.json)
    print_json(engine::selftest::json_of(result));
  else
    print(engine::selftest::text_of(result));
  return result.good() ? 0 : 1;
}

}  // namespace

void add_selftest(CLI::App& app, Globals& globals, Action& action) {
  CLI::App* verb = add_verb(
      app, "selftest",
      "simulate whether intervals hold the truth and p-values keep their level; exit 1 if not",
      "consilience selftest --short --only coverage");
  auto options = std::make_shared<Options>();
  verb->add_flag("--short", options->brief, "few trials, seconds instead of minutes");
  verb->add_option("--only", options->only, "one of the two tables")
      ->check(CLI::IsMember({"coverage", "type1"}));
  verb->add_option("--seed", options->seed, "of every draw")->capture_default_str();
  const DeviceFlag device(*verb);
  verb->callback([=, &globals, &action] {
    action = [=, &globals] { return selftest(*options, device.usable(globals), globals); };
  });
}

}  // namespace consilience::cli
