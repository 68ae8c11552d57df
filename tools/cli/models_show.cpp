#include "tools/cli/models_show.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "engine/plan.h"
#include "kernels/base/error.h"
#include "models/digest.h"
#include "tools/cli/models_text.h"
#include "tools/cli/models_verbs.h"
#include "tools/cli/text.h"

namespace consilience::cli {
namespace {

using engine::ZooModel;
using models::ModelCard;

constexpr size_t kIndent = 14;
constexpr size_t kWidth = 84;

/// The paragraphs of a page, each behind its name.
class Page {
 public:
  void add(std::string_view name, const std::string& text) {
    if (text.empty()) return;
    text_ += fmt::format("  {:<{}}{}\n", name, kIndent - 2, wrapped(text, kIndent, kWidth));
  }
  void raw(const std::string& text) { text_ += text; }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

std::string joined(const std::vector<std::string>& parts) {
  std::vector<std::string> there;
  for (const auto& part : parts)
    if (!part.empty()) there.push_back(part);
  return fmt::format("{}", fmt::join(there, "; "));
}

std::string labelled(const char* label, const std::string& text) {
  return text.empty() ? "" : fmt::format("{}{}", label, text);
}

std::string what_it_is(const ModelCard& card) {
  const std::string variant = about_text(card, "variant");
  const std::string of = about_text(card, "variant_of");
  return joined({labelled("family ", card.family), about_text(card, "objective"),
                 labelled("data: ", about_text(card, "data")),
                 labelled("supervised on ", about_text(card, "supervised_on")),
                 labelled("variant: ", variant + (of.empty() ? "" : " of " + of))});
}

std::string source_of(const ModelCard& card) {
  return joined({about_text(card, "source"), labelled("revision ", about_text(card, "revision")),
                 labelled("derived: ", about_text(card, "derived"))});
}

std::string weights_of(const ModelCard& card) {
  if (card.endpoint) return "not here: a service computes the vectors";
  const std::string from = engine::dequantised_from(card);
  std::string kind = card.role == models::Role::trained ? "trained" : weights_text(card);
  if (card.role == models::Role::random)
    kind = fmt::format("random (seed {}), a twin of {}",
                       card.identity.at("weights").value("seed", 0), card.twin_of);
  return joined({kind, parameters_text(about_number(card, "parameters")) + " parameters",
                 "kept as " + card.dtype,
                 from.empty()
                     ? ""
                     : fmt::format("dequantised from {}: the model before quantisation may "
                                   "differ",
                                   from)});
}

std::string cost_of(const ModelCard& card) {
  const double flops = about_number(card, "flops");
  if (flops <= 0) return "";
  const std::string of = about_text(card, "flops_of");
  return fmt::format("{:.3g} {} {}", flops / (flops < 1e8 ? 1e6 : 1e9),
                     flops < 1e8 ? "MFLOP" : "GFLOP", of.empty() ? "a sample" : "for " + of);
}

std::string running_of(const ModelCard& card) {
  if (card.endpoint) return "";
  return joined({card.compute == "f32" ? "float32" : "autocast to " + card.compute,
                 card.freeze ? "frozen" : "", card.channels_last ? "channels last" : "",
                 card.segments.size() > 1
                     ? fmt::format("{} segments, one after another", card.segments.size())
                     : ""});
}

std::string scalars_of(const ModelCard& card) {
  if (card.scalars.empty()) return "";
  return fmt::format("{}: `consilience models bpb {} --data SOURCE` gives bits per byte",
                     fmt::join(card.scalars, ", "), card.name);
}

std::string error_of(const ModelCard& card, const std::string& layer) {
  const auto errors = card.about.find("measured_error");
  if (errors == card.about.end() || !errors->is_object()) return "";
  const auto found = errors->find(layer);
  if (found == errors->end()) return "";
  return found->is_string() ? found->get<std::string>() : found->dump();
}

std::string layer_table(const ModelCard& card) {
  std::vector<std::vector<std::string>> rows = {
      {"layer", "kind", "after a norm", "width", "measured error"}};
  for (const auto& layer : card.layers)
    rows.push_back({layer.name, layer.kind, layer.normed ? "yes" : "no",
                    std::to_string(layer.width), error_of(card, layer.name)});
  if (const std::string error = error_of(card, "scalars"); !error.empty())
    rows.push_back({"scalars", "", "", std::to_string(card.scalars.size()), error});
  return table_text(rows, {false, false, false, true, true}, "    ");
}

/// An artefact that somebody else made has no original to compare it with.
bool is_unverified(const ModelCard& card) {
  const auto errors = card.about.find("measured_error");
  return errors != card.about.end() && errors->is_null();
}

std::string bound_of(const ModelCard& card) {
  const auto& bound = card.identity.at("error_bound");
  const std::string limits =
      fmt::format("{} + {} x the layer's largest value", bound.value("absolute", "0"),
                  bound.value("relative", "0"));
  if (is_unverified(card))
    return "not verified against an original: alone and in a batch it differs by at most " + limits;
  return card.endpoint ? "the same text's answers differ by at most " + limits
                       : "|artefact - original| was measured and is at most " + limits;
}

std::string file_table(const ZooModel& model) {
  std::vector<std::vector<std::string>> rows = {{"file", "size", "sha256"}};
  const auto add = [&](const std::string& name, const std::string& digest) {
    std::error_code missing;
    const auto size = std::filesystem::file_size(model.package / name, missing);
    rows.push_back({name, missing ? "missing" : bytes_text(static_cast<int64_t>(size)), digest});
  };
  for (const auto& segment : model.card.segments) add(segment.file, segment.sha256);
  if (model.card.tokens) add("tokenizer.json", model.card.tokens->tokenizer_sha256);
  add("card.json", models::sha256_of_file(model.package / "card.json"));
  return table_text(rows, {false, true, false}, "    ");
}

const char* input_name(const ModelCard& card) {
  switch (card.modality) {
    case models::Modality::vision:
      return "pictures";
    case models::Modality::text:
      return "texts";
    case models::Modality::audio:
      return "recordings";
  }
  return "";
}

std::string made_with(const ModelCard& card) {
  std::vector<std::string> parts;
  if (const auto found = card.about.find("exported_with"); found != card.about.end())
    for (const auto& [library, version] : found->items())
      parts.push_back(fmt::format(
          "{} {}", library, version.is_string() ? version.get<std::string>() : version.dump()));
  return fmt::format("{}", fmt::join(parts, ", "));
}

engine::Json whole_card(const ZooModel& model) {
  return {{"key", model.card.key()},
          {"path", model.package.string()},
          {"identity", model.card.identity},
          {"segments", engine::read_json(model.package / "card.json").at("segments")},
          {"compute", model.card.compute},
          {"about", model.card.about}};
}

int show(const std::string& store, const std::string& word, const Globals& globals) {
  std::vector<ZooModel> found;
  if (word.starts_with("zoo:"))
    found = engine::resolve_models({{word, 0}}, models_folder(store));
  else
    found.push_back(the_package(store, word));
  for (const auto& model : found) {
    if (globals.json)
      print_json(whole_card(model));
    else
      print((&model == found.data() ? "" : "\n") + card_page(model));
  }
  return 0;
}

}  // namespace

std::string card_page(const ZooModel& model) {
  const ModelCard& card = model.card;
  Page page;
  const char* article = card.modality == models::Modality::audio ? "an" : "a";
  page.raw(
      fmt::format("{}: {} {} model\n", card.key(), article, engine::modality_name(card.modality)));
  page.add("what it is", what_it_is(card));
  page.add("source", source_of(card));
  page.add("licence", about_text(card, "licence"));
  page.add("weights", weights_of(card));
  page.add("cost", cost_of(card));
  page.add("runs in", running_of(card));
  page.add(input_name(card), recipe_text(card));
  page.add("layers", layers_text(card));
  page.add("poolings", fmt::format("{}", fmt::join(card.poolings, ", ")));
  page.add("scalars", scalars_of(card));
  page.add("proof", bound_of(card));
  page.add("checked", about_text(card, "checked"));
  page.add("notes", about_text(card, "notes"));
  page.add("made with", made_with(card));
  page.add("folder", model.package.string());
  return page.text() + "\n" + layer_table(card) + "\n" + file_table(model);
}

std::string card_line(const ZooModel& model) {
  const ModelCard& card = model.card;
  double worst = -1;
  if (const auto errors = card.about.find("measured_error");
      errors != card.about.end() && errors->is_object())
    for (const auto& [layer, error] : errors->items())
      if (error.is_string())
        worst = std::max(worst, std::strtod(error.get<std::string>().c_str(), nullptr));
  const std::string parameters =
      about_number(card, "parameters") > 0
          ? parameters_text(about_number(card, "parameters")) + " parameters, "
          : "";
  const std::string error =
      is_unverified(card)
          ? "not verified against an original"
          : fmt::format("{} {:.1e}", card.endpoint ? "repeats itself within" : "largest error",
                        std::max(worst, 0.0));
  return fmt::format("{}: {}, {}, {}layers {}, {}{}, {}\n", card.key(),
                     engine::modality_name(card.modality), weights_text(card), parameters,
                     layers_text(card), card.endpoint ? "" : dtype_text(card) + ", ", error,
                     bytes_text(bytes_on_disk(model.package)));
}

void add_models_show(const ModelsVerbs& verbs) {
  CLI::App* verb = add_verb(verbs.models, "show", "all about one package",
                            "consilience models show minilm-l6\n"
                            "  consilience models show minilm-l6 --json");
  auto word = std::make_shared<std::string>();
  verb->add_option("model", *word, "a name, a key, a path or zoo:FAMILY")->required();
  verb->callback([=, store = verbs.store, chosen = verbs.chosen, &globals = verbs.globals] {
    *chosen = [=, &globals] { return show(*store, *word, globals); };
  });
}

}  // namespace consilience::cli
