#include <fmt/format.h>

#include "kernels/base/error.h"
#include "tools/cli/models_verbs.h"

namespace consilience::cli {
namespace {

/// What is wrong with a package; "" when nothing is.
std::string problem_of(const engine::ZooModel& model) {
  const std::string folder = model.package.filename().string();
  if (folder.find('@') != std::string::npos && folder != model.card.key())
    return fmt::format("{}: its card is {}'s: the card was edited, import it again",
                       model.package.string(), model.card.key());
  try {
    models::verify_package(model.package, model.card);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

int verify(const std::string& store, const std::string& word, bool all, const Globals& globals) {
  if (all != word.empty()) fail(Failure::usage, "models verify: name one model, or give --all");
  Packages packages;
  if (all)
    packages = scan_packages(models_folder(store));
  else
    packages.models.push_back(the_package(store, word));
  for (const auto& model : packages.models) {
    const std::string problem = problem_of(model);
    if (!problem.empty()) packages.problems.push_back(problem);
    if (!globals.json && problem.empty())
      print(fmt::format("{}: as its card says\n", model.card.key()));
  }
  if (globals.json) {
    print_json({{"packages", packages.models.size()}, {"problems", packages.problems}});
  } else {
    for (const auto& problem : packages.problems) print(problem + "\n");
    if (all)
      print(fmt::format("{} packages, {} problems\n", packages.models.size(),
                        packages.problems.size()));
  }
  return packages.problems.empty() ? 0 : static_cast<int>(Failure::never);
}

}  // namespace

void add_models_verify(const ModelsVerbs& verbs) {
  CLI::App* verb = add_verb(verbs.models, "verify",
                            "re-read every digest of a package (exit 3 when one is wrong)",
                            "consilience models verify minilm-l6\n"
                            "  consilience models verify --all");
  auto word = std::make_shared<std::string>();
  auto all = std::make_shared<bool>(false);
  verb->add_option("model", *word, "a name, a key or a path");
  verb->add_flag("--all", *all, "every package of the store");
  verb->callback([=, store = verbs.store, chosen = verbs.chosen, &globals = verbs.globals] {
    *chosen = [=, &globals] { return verify(*store, *word, *all, globals); };
  });
}

}  // namespace consilience::cli
