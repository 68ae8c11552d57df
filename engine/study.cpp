#include "engine/study.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "engine/metrics/metric.h"
#include "engine/toml_reader.h"

namespace consilience::engine {
namespace {

const std::vector<std::string> kModalities = {"vision", "text", "audio"};

Study::Data read_data(TomlReader reader) {
  Study::Data data;
  data.source = reader.text("source", "");
  if (data.source.empty())
    reader.refuse("source", "is needed: a built-in name, a folder or a .jsonl file");
  data.limit = reader.integer("limit", 0, 0, INT64_MAX);
  const std::vector<std::string> choices = {"stop", "skip"};
  data.on_bad_sample = choices[reader.choice("on_bad_sample", choices, 0)];
  data.group = reader.text("group", "");
  data.class_field = reader.text("class", "");
  reader.finish();
  return data;
}

std::vector<ModelRequest> read_models(TomlReader& root) {
  std::vector<ModelRequest> models;
  for (TomlReader& reader : root.tables("models")) {
    ModelRequest request;
    request.use = reader.text("use", "");
    if (request.use.empty())
      reader.refuse("use", "is needed: \"zoo:FAMILY\", a model's name, or the path of a package");
    request.twins = static_cast<int>(reader.integer("twins", 1, 0, 1000));
    reader.finish();
    models.push_back(std::move(request));
  }
  if (models.empty())
    root.refuse("models", "is needed: at least one [[models]] table with use = \"...\"");
  return models;
}

/// "auto", or sizes: { pictures = 64, tokens = 8192 }, with audio_samples where models listen.
void read_batch(TomlReader& reader, Study::Features& features) {
  const auto* batch = reader.node("batch");
  if (batch && batch->is_table()) {
    TomlReader table = reader.table("batch");
    features.pictures = table.integer("pictures", 0, 1, 1 << 20);
    features.tokens = table.integer("tokens", 0, 1, 1 << 30);
    features.audio_samples = table.integer("audio_samples", 0, 1, int64_t{1} << 40);
    table.finish();
    if (features.pictures > 0 && features.tokens > 0) return;
  } else if (reader.text("batch", "auto") == "auto") {
    return;
  }
  reader.refuse("batch", "must be \"auto\" or { pictures = 64, tokens = 8192 }");
}

Study::Features read_features(TomlReader reader) {
  Study::Features features;
  if (const auto* layers = reader.node("layers")) {
    if (layers->is_integer()) {
      features.layer_stride = static_cast<int>(reader.integer("layers", 1, 1, 10000));
      features.layers = features.layer_stride == 1 ? "all" : "stride";
    } else if (layers->is_array()) {
      features.layers = "names";
      features.layer_names = reader.texts("layers", {});
    } else if (reader.text("layers", "all") != "all") {
      reader.refuse("layers",
                    "must be \"all\", a stride (a whole number) or a list of layer names");
    }
  }
  const auto* poolings = reader.node("poolings");
  if (poolings && poolings->is_table()) {
    TomlReader table = reader.table("poolings");
    for (const auto& modality : kModalities)
      features.poolings[modality] = table.texts(modality, features.poolings[modality]);
    table.finish();
  } else if (poolings) {
    const auto names = reader.texts("poolings", {});
    for (const auto& modality : kModalities) features.poolings[modality] = names;
  }
  const std::vector<std::string> types = {"f32", "f16", "bf16", "card"};
  features.compute = types[reader.choice("compute", types, 0)];
  features.store = types[reader.choice("store", {types.begin(), types.end() - 1}, 0)];
  read_batch(reader, features);
  reader.finish();
  return features;
}

Conditioning read_conditioning(TomlReader reader) {
  Conditioning c = conditioning_preset(std::vector<std::string>{
      "default", "prh-paper", "prh-code",
      "none"}[reader.choice("preset", {"default", "prh-paper", "prh-code", "none"}, 0)]);
  c.clamp = reader.number("clamp", c.clamp, 0, 1);
  c.clamp_scope = static_cast<ClampScope>(reader.choice(
      "clamp_scope", {"layer", "model", "model-sample-mean"}, static_cast<size_t>(c.clamp_scope)));
  c.center =
      static_cast<Center>(reader.choice("center", {"none", "mean"}, static_cast<size_t>(c.center)));
  c.scale =
      static_cast<Scale>(reader.choice("scale", {"none", "l2"}, static_cast<size_t>(c.scale)));
  c.zero_rows = static_cast<ZeroRows>(
      reader.choice("zero_rows", {"null", "error"}, static_cast<size_t>(c.zero_rows)));
  c.similarity = static_cast<kernels::Similarity>(
      reader.choice("similarity", {"dot", "euclidean"}, static_cast<size_t>(c.similarity)));
  reader.finish();
  return c;
}

Study::Metrics read_metrics(TomlReader reader) {
  Study::Metrics metrics;
  metrics.list.clear();
  for (const auto& text : reader.texts("list", {"mutual_knn(k=10)"})) {
    try {
      metrics.list.push_back(parse_metric(text));
      if (metric_info(metrics.list.back().name).spaces == 1)
        reader.refuse("list", fmt::format("{} is of one space; a study compares two", text));
    } catch (const Error& error) {
      reader.refuse("list", error.what());
    }
  }
  const auto* pairs = reader.node("pairs");
  if (pairs && pairs->is_array()) {
    metrics.pairs = "list";
    for (const auto& entry : *pairs->as_array()) {
      const auto* pair = entry.as_array();
      if (!pair || pair->size() != 2 || !pair->get(0)->is_string() || !pair->get(1)->is_string())
        reader.refuse("pairs", "must be a list of [model, model] pairs");
      metrics.named_pairs.emplace_back(pair->get(0)->as_string()->get(),
                                       pair->get(1)->as_string()->get());
    }
  } else {
    const std::vector<std::string> choices = {"cross-modal", "all", "within"};
    metrics.pairs = choices[reader.choice("pairs", choices, 0)];
  }
  reader.finish();
  return metrics;
}

Study::Inference read_inference(TomlReader reader) {
  Study::Inference inference;
  inference.permutations =
      static_cast<int>(reader.integer("permutations", inference.permutations, 0, 1'000'000));
  inference.alpha = reader.number("alpha", inference.alpha, 0, 1);
  const std::vector<std::string> movers = {"rows", "groups"};
  inference.permute = movers[reader.choice("permute", movers, 0)];
  const std::vector<std::string> choices = {"half-splits", "jackknife", "query-bootstrap", "none"};
  inference.interval = choices[reader.choice("interval", choices, 0)];
  inference.splits = static_cast<int>(reader.integer("splits", inference.splits, 2, 100'000));
  inference.costly = reader.flag("costly", inference.costly);
  reader.finish();
  return inference;
}

Json features_json(const Study::Features& features) {
  Json json = {{"layers", features.layers},     {"stride", features.layer_stride},
               {"names", features.layer_names}, {"poolings", features.poolings},
               {"compute", features.compute},   {"store", features.store}};
  if (features.pictures > 0)
    json["batch"] = {{"pictures", features.pictures},
                     {"tokens", features.tokens},
                     {"audio_samples", features.audio_samples}};
  return json;
}

}  // namespace

Study parse_study(const std::string& text, const std::string& name) {
  toml::table document;
  try {
    document = toml::parse(text, name);
  } catch (const toml::parse_error& error) {
    fail(Failure::usage, "{}, line {}: not TOML: {}", name, error.source().begin.line,
         std::string(error.description()));
  }
  TomlReader root(document, name);
  Study study;
  study.name = root.text("name", "");
  if (study.name.empty() ||
      study.name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                   "._-") != std::string::npos ||
      study.name.front() == '.')
    root.refuse("name",
                "is needed: letters, digits, '.', '_' and '-' (it names the report's folder)");
  study.seed = static_cast<uint64_t>(root.integer("seed", 1, 0, INT64_MAX));
  study.data = read_data(root.table("data"));
  study.models = read_models(root);
  study.features = read_features(root.table("features"));
  study.conditioning = read_conditioning(root.table("conditioning"));
  study.metrics = read_metrics(root.table("metrics"));
  study.inference = read_inference(root.table("inference"));
  if (study.inference.permute == "groups" && study.data.group.empty())
    root.refuse("inference",
                "permute = \"groups\" moves sibling groups: name their field, group = "
                "\"..\", in [data]");
  TomlReader curves = root.table("curves");
  study.curves.x = curves.texts("x", study.curves.x);
  study.curves.covariates = curves.text("covariates", "");
  curves.finish();
  TomlReader store = root.table("store");
  study.store.path = store.text("path", study.store.path);
  const std::vector<std::string> keeps = {"features", "graphs", "scores"};
  study.store.keep = keeps[store.choice("keep", keeps, 0)];
  store.finish();
  root.finish();
  return study;
}

Study read_study(const std::filesystem::path& file) {
  std::ifstream in(file);
  if (!in || std::filesystem::is_directory(file))
    fail(Failure::usage, "{}: no such study file; `consilience study init` writes one",
         file.string());
  std::stringstream text;
  text << in.rdbuf();
  return parse_study(text.str(), file.string());
}

Json study_json(const Study& study) {
  Json models = Json::array();
  for (const auto& m : study.models) models.push_back({{"use", m.use}, {"twins", m.twins}});
  Json metrics = Json::array();
  for (const auto& m : study.metrics.list) metrics.push_back(metric_text(m));
  return {
      {"name", study.name},
      {"seed", study.seed},
      {"data",
       {{"source", study.data.source},
        {"limit", study.data.limit},
        {"on_bad_sample", study.data.on_bad_sample},
        {"group", study.data.group},
        {"class", study.data.class_field}}},
      {"models", models},
      {"features", features_json(study.features)},
      {"conditioning", describe(study.conditioning)},
      {"metrics",
       {{"list", metrics}, {"pairs", study.metrics.pairs}, {"named", study.metrics.named_pairs}}},
      {"inference",
       {{"permutations", study.inference.permutations},
        {"alpha", study.inference.alpha},
        {"permute", study.inference.permute},
        {"interval", study.inference.interval},
        {"splits", study.inference.splits},
        {"costly", study.inference.costly}}},
      {"curves", {{"x", study.curves.x}, {"covariates", study.curves.covariates}}}};
}

}  // namespace consilience::engine
