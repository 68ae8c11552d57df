#include "models/card.h"

#include <algorithm>
#include <fstream>
#include <set>

#include "kernels/base/error.h"
#include "models/digest.h"
#include "models/json_fields.h"

namespace consilience::models {
namespace {

using nlohmann::json;

json parse(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in)
    fail(Failure::never, "{}: no such file: a model package is a folder with a card.json",
         file.string());
  try {
    return json::parse(in);
  } catch (const json::parse_error& problem) {
    fail(Failure::never, "{}: not valid JSON at byte {}", file.string(), problem.byte);
  }
}

/// Floating-point formatting must not enter a hash.
void forbid_floats(const json& value, const std::string& file, const std::string& path) {
  if (value.is_number_float())
    fail(Failure::never,
         "{}: key {}: numbers that are not integers stand in the identity as "
         "strings, found {}",
         file, path, value.dump());
  if (value.is_structured())
    for (const auto& [key, item] : value.items()) forbid_floats(item, file, path + "." + key);
}

void check_unique(const Fields& fields, const std::string& key, std::vector<std::string> names) {
  const std::set<std::string> seen(names.begin(), names.end());
  if (seen.size() != names.size()) fields.complain(key, "names that differ");
}

void check_name(const Fields& identity, const std::string& name) {
  const bool plain =
      name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789._-") == std::string::npos;
  if (!plain || name.front() == '.') identity.complain("name", "[a-z0-9._-]+");
}

/// A file name inside the package: no folders, nothing that leaves it.
void check_inside(const Fields& fields, const std::string& key, const std::string& name) {
  if (std::filesystem::path(name).filename() != name || name == "." || name == "..")
    fields.complain(key, "a file name without folders");
}

std::vector<Layer> read_layers(const Fields& identity) {
  std::vector<Layer> layers;
  std::vector<std::string> names;
  for (const Fields& layer : identity.objects("layers")) {
    layers.push_back(
        {layer.text("name"), layer.integer("width", 1, int64_t{1} << 31),
         layer.one_of("kind", {"embedding", "block", "final_norm", "head", "sentence"}),
         layer.flag("normed")});
    names.push_back(layers.back().name);
    if (names.back().find('/') != std::string::npos) layer.complain("name", "a name without /");
  }
  if (layers.empty()) identity.complain("layers", "at least one layer");
  check_unique(identity, "layers", names);
  return layers;
}

PixelRecipe read_pixels(const Fields& pixels) {
  PixelRecipe recipe;
  constexpr int kLargest = 1 << 14;
  recipe.resize = pixels.one_of("resize", {"short_side", "square"});
  recipe.resize_to = static_cast<int>(pixels.integer("resize_to", 1, kLargest));
  recipe.crop = static_cast<int>(pixels.integer("crop", 1, recipe.resize_to));
  recipe.crop_offset = pixels.one_of("crop_offset", {"round", "floor"});
  recipe.interpolation = pixels.one_of("interpolation", {"bilinear", "bicubic"});
  recipe.implementation = pixels.one_of("implementation", {"pil-exact", "torch-uint8-aa"});
  const std::vector<double> mean = pixels.decimals("mean", 3);
  const std::vector<double> deviation = pixels.decimals("std", 3);
  std::copy(mean.begin(), mean.end(), recipe.mean.begin());
  std::copy(deviation.begin(), deviation.end(), recipe.std.begin());
  if (std::any_of(deviation.begin(), deviation.end(), [](double s) { return s <= 0; }))
    pixels.complain("std", "numbers above 0");
  recipe.exif = pixels.one_of("exif", {"ignore", "apply"});
  recipe.alpha = pixels.one_of("alpha", {"white", "drop"});
  return recipe;
}

TokenRecipe read_tokens(const Fields& tokens) {
  TokenRecipe recipe;
  recipe.tokenizer_sha256 = tokens.digest("tokenizer_sha256");
  recipe.max_tokens = static_cast<int>(tokens.integer("max_tokens", 1, 1 << 20));
  if (tokens.has("vocabulary")) recipe.vocabulary = tokens.integer("vocabulary", 1, INT32_MAX);
  recipe.padding_id = tokens.integer("padding_id", 0, INT32_MAX);
  recipe.padding_side = tokens.one_of("padding_side", {"right", "left"});
  return recipe;
}

AudioRecipe read_audio(const Fields& audio) {
  AudioRecipe recipe;
  recipe.sample_rate = static_cast<int>(audio.integer("sample_rate", 1, 1 << 20));
  recipe.max_samples = audio.integer("max_samples", 1, int64_t{1} << 31);
  recipe.min_samples = audio.integer("min_samples", 1, recipe.max_samples);
  recipe.normalise = audio.one_of("normalise", {"none", "unit"});
  recipe.implementation = audio.one_of("implementation", {"soxr-vhq"});
  return recipe;
}

Modality read_modality(const Fields& identity) {
  const std::string name = identity.one_of("modality", {"vision", "text", "audio"});
  return name == "text" ? Modality::text : name == "audio" ? Modality::audio : Modality::vision;
}

void read_recipe(const Fields& identity, ModelCard& card) {
  card.endpoint = identity.has("endpoint");
  if (card.endpoint) {
    if (card.modality != Modality::text) identity.complain("modality", "text, for an endpoint");
    static_cast<void>(identity.object("endpoint").text("model"));
  } else if (card.modality == Modality::text) {
    card.tokens = read_tokens(identity.object("tokens"));
  } else if (card.modality == Modality::audio) {
    card.audio = read_audio(identity.object("audio"));
  } else {
    card.pixels = read_pixels(identity.object("pixels"));
  }
}

std::vector<Segment> read_segments(const Fields& top, const ModelCard& card) {
  std::vector<Segment> segments;
  for (const Fields& segment : top.objects("segments")) {
    segments.push_back({segment.text("file"), segment.digest("sha256"),
                        segment.integer("bytes", 0, int64_t{1} << 50)});
    check_inside(segment, "file", segments.back().file);
  }
  if (card.endpoint != segments.empty())
    top.complain("segments", card.endpoint ? "none, for an endpoint" : "at least one file");
  return segments;
}

void read_identity(const Fields& identity, ModelCard& card) {
  card.name = identity.text("name");
  check_name(identity, card.name);
  card.modality = read_modality(identity);
  if (!identity.has("endpoint")) static_cast<void>(identity.digest("tensors_sha256"));
  card.layers = read_layers(identity);
  card.poolings = identity.texts("poolings");
  if (card.poolings.empty()) identity.complain("poolings", "at least one pooling");
  check_unique(identity, "poolings", card.poolings);
  card.scalars = identity.texts("scalars");
  check_unique(identity, "scalars", card.scalars);
  read_recipe(identity, card);
  card.dtype = identity.one_of("dtype", {"f32", "bf16", "f16"});
  const Fields bound = identity.object("error_bound");
  card.error_absolute = bound.decimal("absolute");
  card.error_relative = bound.decimal("relative");
  const std::string kind =
      identity.object("weights").one_of("kind", {"trained", "random", "trivial"});
  card.role = kind == "random" ? Role::random : kind == "trivial" ? Role::trivial : Role::trained;
}

void read_about(const Fields& about, ModelCard& card) {
  card.family = about.text("family");
  if (about.has("twin_of") && !about.any("twin_of").is_null()) card.twin_of = about.text("twin_of");
  card.about = about.value();
  for (const auto& [key, value] : card.about.items())
    if (value.is_number()) card.numbers[key] = value.get<double>();
}

}  // namespace

std::string ModelCard::key() const { return name + "@" + identity_hash.substr(0, 8); }

ModelCard read_card(const std::filesystem::path& package) {
  const std::filesystem::path file = package / "card.json";
  const json document = parse(file);
  const Fields top(document, file.string(), "");
  static_cast<void>(top.one_of("format", {"consilience-card/1"}));
  ModelCard card;
  card.identity = top.any("identity");
  read_identity(top.object("identity"), card);
  forbid_floats(card.identity, file.string(), "identity");
  card.identity_hash = sha256_of_text(card.identity.dump());
  card.segments = read_segments(top, card);
  const Fields runtime = top.object("runtime");
  card.freeze = runtime.flag("freeze");
  card.channels_last = runtime.flag("channels_last");
  if (runtime.has("compute")) card.compute = runtime.one_of("compute", {"f32", "bf16", "f16"});
  read_about(top.object("about"), card);
  return card;
}

void verify_package(const std::filesystem::path& package, const ModelCard& card) {
  const auto check = [&](const std::string& name, const std::string& expected) {
    const std::filesystem::path file = package / name;
    expect(std::filesystem::is_regular_file(file),
           "{}: missing, the card names it: import {} again", file.string(), card.name);
    const std::string found = sha256_of_file(file);
    expect(found == expected, "{}: expected sha256 {} as the card says, found {}: import {} again",
           file.string(), expected, found, card.name);
  };
  for (const Segment& segment : card.segments) check(segment.file, segment.sha256);
  if (card.tokens) check("tokenizer.json", card.tokens->tokenizer_sha256);
}

}  // namespace consilience::models
