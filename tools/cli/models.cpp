#include "tools/cli/models_verbs.h"

namespace consilience::cli {

void add_models(CLI::App& app, Globals& globals, Action& action) {
  CLI::App* verb = add_verb(app, "models", "import, list and show the models of a store",
                            "consilience models\n"
                            "  consilience models import timm:vit_small_patch14_dinov2.lvd142m\n"
                            "  consilience models show minilm-l6");
  auto store = std::make_shared<std::string>("store");
  verb->add_option("--store", *store, "the store")->capture_default_str();
  verb->require_subcommand(0, 1);
  const ModelsVerbs verbs{*verb, store, globals, std::make_shared<Action>()};
  add_models_list(verbs);
  add_models_show(verbs);
  add_models_import(verbs);
  add_models_zoo(verbs);
  add_models_verify(verbs);
  add_models_remove(verbs);
  add_models_bpb(verbs);
  verb->final_callback([&action, chosen = verbs.chosen] { action = *chosen; });
}

}  // namespace consilience::cli
