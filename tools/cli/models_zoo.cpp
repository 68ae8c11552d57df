#include <fmt/format.h>

#include <set>

#include "engine/text/exporter.h"
#include "kernels/base/error.h"
#include "tools/cli/models_text.h"
#include "tools/cli/models_verbs.h"
#include "tools/cli/text.h"

namespace consilience::cli {
namespace {

engine::Json known_models(const std::string& family) {
  std::vector<std::string> arguments = {"list", "--json"};
  if (!family.empty()) {
    static_cast<void>(engine::family_members(family));  // a wrong word is told with the nearest one
    arguments.insert(arguments.end(), {"--zoo", family});
  }
  const engine::ProcessResult result = engine::call_exporter(arguments);
  if (result.exit_code != 0)
    fail(Failure::never, "the zoo's files can't be read; what is wrong is said above");
  return engine::Json::parse(result.output);
}

std::string text_of(const engine::Json& model, const char* key) {
  const auto found = model.find(key);
  return found != model.end() && found->is_string() ? found->get<std::string>() : "";
}

double number_of(const engine::Json& model, const char* key) {
  const auto found = model.find(key);
  return found != model.end() && found->is_number() ? found->get<double>() : 0;
}

bool flag_of(const engine::Json& model, const char* key) {
  const auto found = model.find(key);
  return found != model.end() && found->is_boolean() && found->get<bool>();
}

std::string where_from(const engine::Json& model) {
  const std::string import = text_of(model, "import");
  return import.empty() ? "Python packages" : import;
}

std::string as_text(const engine::Json& models) {
  std::string out, family;
  std::vector<std::vector<std::string>> rows;
  int64_t there = 0, gated = 0;
  const auto flush = [&] {
    if (rows.empty()) return;
    out += (out.empty() ? "" : "\n") + family + "\n" +
           table_text(rows, {false, false, true, true, false, false}, "  ");
    rows.clear();
  };
  for (const auto& model : models) {
    if (model.at("family") != family) {
      flush();
      family = model.at("family").get<std::string>();
    }
    const bool imported = flag_of(model, "imported");
    there += imported ? 1 : 0;
    gated += flag_of(model, "gated") ? 1 : 0;
    const double layers = number_of(model, "layers");
    rows.push_back({imported ? "*" : " ", model.at("name"),
                    parameters_text(number_of(model, "parameters")),
                    layers > 0 ? fmt::format("{} x {}", layers, number_of(model, "width")) : "",
                    text_of(model, "licence") + (flag_of(model, "gated") ? ", gated" : ""),
                    where_from(model)});
  }
  flush();
  return out + fmt::format(
                   "\n{} models; * {} are in the store; {} need an account and a licence accepted "
                   "(gated)\n`consilience models import NAME` imports one, `--zoo FAMILY "
                   "--continue` what is reachable of a family\n",
                   models.size(), there, gated);
}

int list(const std::string& store, const std::string& family, const Globals& globals) {
  engine::Json models = known_models(family);
  std::set<std::string> names;
  for (const auto& model : scan_packages(models_folder(store)).models)
    names.insert(model.card.name);
  for (auto& model : models)
    model["imported"] = names.contains(model.at("name").get<std::string>());
  if (globals.json)
    print_json(models);
  else
    print(as_text(models));
  return 0;
}

}  // namespace

void add_models_zoo(const ModelsVerbs& verbs) {
  CLI::App* verb = add_verb(verbs.models, "zoo", "the models that are known by name",
                            "consilience models zoo\n  consilience models zoo pythia");
  auto family = std::make_shared<std::string>();
  verb->add_option("family", *family, "one family of them");
  verb->callback([=, store = verbs.store, chosen = verbs.chosen, &globals = verbs.globals] {
    *chosen = [=, &globals] { return list(*store, *family, globals); };
  });
}

}  // namespace consilience::cli
