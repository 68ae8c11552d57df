#include <fmt/format.h>

#include "kernels/base/error.h"
#include "tools/cli/models_verbs.h"
#include "tools/cli/text.h"

namespace consilience::cli {
namespace {

namespace fs = std::filesystem;

int remove(const std::string& store, const std::string& word, const Globals& globals) {
  const engine::ZooModel model = the_package(store, word);
  const fs::path folder = models_folder(store);
  std::error_code problem;
  if (!fs::equivalent(model.package.parent_path().empty() ? "." : model.package.parent_path(),
                      folder, problem))
    fail(Failure::usage, "{}: not a package of {}: remove it by hand", model.package.string(),
         folder.string());
  const int64_t bytes = bytes_on_disk(model.package);
  // Out of sight at once, so that nobody sees half a package; a later import clears leftovers.
  const fs::path doomed = folder / fmt::format(".{}.removed.partial", model.card.key());
  fs::rename(model.package, doomed, problem);
  if (!problem) fs::remove_all(doomed, problem);
  if (problem)
    fail(Failure::transient, "{}: cannot be removed: {}", model.package.string(),
         problem.message());
  if (globals.json)
    print_json({{"removed", model.card.key()}, {"bytes", bytes}});
  else
    print(fmt::format("removed {} ({}); what was extracted with it stays in the store\n",
                      model.card.key(), bytes_text(bytes)));
  return 0;
}

}  // namespace

void add_models_remove(const ModelsVerbs& verbs) {
  CLI::App* verb = add_verb(verbs.models, "remove", "delete a package (never features)",
                            "consilience models remove minilm-l6");
  auto word = std::make_shared<std::string>();
  verb->add_option("model", *word, "a name, or a key where a name has several packages")
      ->required();
  verb->callback([=, store = verbs.store, chosen = verbs.chosen, &globals = verbs.globals] {
    *chosen = [=, &globals] { return remove(*store, *word, globals); };
  });
}

}  // namespace consilience::cli
