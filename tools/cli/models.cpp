#include <fmt/format.h>
#include <fmt/ranges.h>

#include "engine/plan.h"
#include "engine/zoo.h"
#include "kernels/base/error.h"
#include "tools/cli/command.h"

namespace consilience::cli {
namespace {

std::string role(const engine::ZooModel& model) {
  const char* names[] = {"trained", "random", "trivial"};
  return names[static_cast<size_t>(model.card.role)];
}

double parameters(const engine::ZooModel& model) {
  const auto found = model.card.numbers.find("parameters");
  return found == model.card.numbers.end() ? 0 : found->second;
}

int list(const std::string& store, const Globals& globals) {
  const auto packages = engine::list_packages(std::filesystem::path(store) / "models");
  engine::Json rows = engine::Json::array();
  for (const auto& model : packages)
    rows.push_back({{"name", model.card.name},
                    {"key", model.card.key()},
                    {"modality", engine::modality_name(model.card.modality)},
                    {"role", role(model)},
                    {"family", model.card.family},
                    {"parameters", parameters(model)},
                    {"layers", model.card.layers.size()},
                    {"compute", model.card.compute}});
  if (globals.json) {
    print_json(rows);
    return 0;
  }
  if (packages.empty())
    fmt::print(stderr, "no packages in {}/models: tools/setup makes the demo zoo\n", store);
  else
    print(fmt::format("{:<30}{:<9}{:<9}{:>12}{:>8}{:>9}  {}\n", "name", "modality", "role",
                      "parameters", "layers", "compute", "family"));
  for (const auto& model : packages)
    print(fmt::format("{:<30}{:<9}{:<9}{:>10.2f} M{:>8}{:>9}  {}\n", model.card.name,
                      engine::modality_name(model.card.modality), role(model),
                      parameters(model) / 1e6, model.card.layers.size(), model.card.compute,
                      model.card.family));
  return 0;
}

int show(const std::string& store, const std::string& name, const Globals& globals) {
  const auto found = engine::resolve_models({{name, 0}}, std::filesystem::path(store) / "models");
  for (const auto& model : found) {
    const engine::Json card = {{"key", model.card.key()},
                               {"identity", model.card.identity},
                               {"compute", model.card.compute},
                               {"about", model.card.about}};
    if (globals.json)
      print_json(card);
    else
      print(card.dump(2) + "\n");
  }
  return 0;
}

}  // namespace

void add_models(CLI::App& app, Globals& globals, Action& action) {
  CLI::App* verb = add_verb(app, "models", "list the model packages of a store, or show one",
                            "consilience models\n  consilience models show minilm-l6");
  auto store = std::make_shared<std::string>("store");
  verb->add_option("--store", *store, "the store")->capture_default_str();
  auto name = std::make_shared<std::string>();
  CLI::App* one = add_verb(*verb, "show", "a model's card", "consilience models show minilm-l6");
  one->add_option("model", *name, "a name, a key, a path or zoo:FAMILY")->required();
  verb->require_subcommand(0, 1);
  verb->final_callback([=, &globals, &action] {
    if (one->parsed())
      action = [=, &globals] { return show(*store, *name, globals); };
    else
      action = [=, &globals] { return list(*store, globals); };
  });
}

}  // namespace consilience::cli
