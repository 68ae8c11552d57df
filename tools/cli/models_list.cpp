#include <fmt/format.h>

#include <algorithm>

#include "engine/plan.h"
#include "tools/cli/models_text.h"
#include "tools/cli/models_verbs.h"
#include "tools/cli/text.h"

namespace consilience::cli {
namespace {

engine::Json as_json(const engine::ZooModel& model) {
  const models::ModelCard& card = model.card;
  int64_t widest = 0;
  for (const auto& layer : card.layers) widest = std::max(widest, layer.width);
  const char* roles[] = {"trained", "random", "trivial"};
  return {{"name", card.name},
          {"key", card.key()},
          {"path", model.package.string()},
          {"modality", engine::modality_name(card.modality)},
          {"role", roles[static_cast<size_t>(card.role)]},
          {"twin_of", card.twin_of},
          {"family", card.family},
          {"parameters", about_number(card, "parameters")},
          {"layers", card.layers.size()},
          {"width", widest},
          {"dtype", card.dtype},
          {"dequantised_from", engine::dequantised_from(card)},
          {"compute", card.compute},
          {"licence", about_text(card, "licence")},
          {"endpoint", card.endpoint},
          {"bytes", bytes_on_disk(model.package)}};
}

/// By modality, family and size, a model's twins behind it.
void sort_for_reading(std::vector<engine::ZooModel>& models) {
  const auto base = [](const models::ModelCard& card) {
    return card.twin_of.empty() ? card.name : card.twin_of;
  };
  std::ranges::stable_sort(models, {}, [&](const engine::ZooModel& model) {
    const auto& card = model.card;
    return std::tuple(card.modality, card.role == models::Role::trivial, card.family,
                      about_number(card, "parameters"), base(card), !card.twin_of.empty(),
                      card.key());
  });
}

std::string as_text(const std::vector<engine::ZooModel>& models) {
  std::vector<std::vector<std::string>> rows = {{"name", "modality", "weights", "parameters",
                                                 "layers", "dtype", "runs in", "size", "licence",
                                                 "family"}};
  std::string dequantised;
  for (const auto& model : models) {
    const auto& card = model.card;
    if (!engine::dequantised_from(card).empty()) dequantised = dtype_text(card);
    rows.push_back({card.name, engine::modality_name(card.modality), weights_text(card),
                    parameters_text(about_number(card, "parameters")), layers_text(card),
                    dtype_text(card), card.endpoint ? "-" : card.compute,
                    bytes_text(bytes_on_disk(model.package)), about_text(card, "licence"),
                    card.family});
  }
  std::string out =
      table_text(rows, {false, false, false, true, true, false, false, true, false, false}, "");
  if (!dequantised.empty())
    out += fmt::format("\n\"{}\": dequantised; the model before quantisation may differ.\n",
                       dequantised);
  return out;
}

int list(const std::string& store, const Globals& globals) {
  Packages found = scan_packages(models_folder(store));
  sort_for_reading(found.models);
  for (const auto& problem : found.problems) fmt::print(stderr, "not a package: {}\n", problem);
  if (globals.json) {
    engine::Json rows = engine::Json::array();
    for (const auto& model : found.models) rows.push_back(as_json(model));
    print_json(rows);
  } else if (found.models.empty()) {
    fmt::print(stderr,
               "no packages in {}: `consilience models import MODEL` makes them, `consilience "
               "models zoo` lists models\n",
               models_folder(store).string());
  } else {
    print(as_text(found.models));
  }
  return 0;
}

}  // namespace

void add_models_list(const ModelsVerbs& verbs) {
  CLI::App* verb = add_verb(verbs.models, "list", "the packages of a store (as `models` alone)",
                            "consilience models list");
  const auto show = [=, store = verbs.store, &globals = verbs.globals] {
    return list(*store, globals);
  };
  *verbs.chosen = show;
  verb->callback([=, chosen = verbs.chosen] { *chosen = show; });
}

}  // namespace consilience::cli
