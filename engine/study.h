#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/json.h"
#include "engine/types/conditioning.h"
#include "engine/types/score.h"

namespace consilience::engine {

/// `use`: a zoo family ("zoo:efficientnet-lite"), one model's name, or the path of a package.
struct ModelRequest {
  std::string use;
  int twins = 1;  // random-weights twins, seeds 1..n
};

/// A study file, with its defaults: which models, on which data, compared how.
struct Study {
  std::string name;
  uint64_t seed = 1;

  struct Data {
    std::string source;
    int64_t limit = 0;  // 0: all
    std::string on_bad_sample = "stop";
    std::string group;        // field whose equal values are siblings
    std::string class_field;  // field with class ids
  } data;

  std::vector<ModelRequest> models;

  struct Features {
    std::string layers = "all";  // "all", or every `layer_stride`-th, or `layer_names`
    int layer_stride = 1;
    std::vector<std::string> layer_names;
    std::map<std::string, std::vector<std::string>> poolings = {
        {"vision", {"mean"}}, {"text", {"mean"}}, {"audio", {"mean"}}};
    std::string compute = "f32";  // "bf16", "f16": autocast; "card": what each model's card says
    std::string store = "f32";
    int64_t pictures = 0;       // a batch; 0: "auto"
    int64_t tokens = 0;         // the same, padding included
    int64_t audio_samples = 0;  // the same, of sound; 0: what is fastest on a CPU
  } features;

  Conditioning conditioning;

  struct Metrics {
    std::vector<MetricSpec> list = {MetricSpec{}};
    std::string pairs = "cross-modal";  // "all", "within", or "list": named_pairs
    std::vector<std::pair<std::string, std::string>> named_pairs;
  } metrics;

  struct Inference {
    int permutations = 200;
    double alpha = 0.05;
    std::string permute = "rows";          // "groups": sibling groups as wholes
    std::string interval = "half-splits";  // "jackknife", "query-bootstrap", "none"
    int splits = 25;
    bool costly = false;  // null and interval also where a metric decomposes many matrices
  } inference;

  struct Curves {
    std::vector<std::string> x = {"params"};
    std::string covariates;
  } curves;

  struct StorePlace {
    std::string path = "store";
    std::string keep = "features";
  } store;
};

/// Reads a study file. Unknown keys, wrong types and values out of range are errors that name the
/// key and the line.
[[nodiscard]] Study read_study(const std::filesystem::path& file);
/// The same from text; `name` stands in for the file in messages.
[[nodiscard]] Study parse_study(const std::string& text, const std::string& name);

/// The commented file that `consilience study init` writes: every key with its default.
[[nodiscard]] std::string study_template();

/// Everything of a study that can change a result, for hashes (store paths are left out).
[[nodiscard]] Json study_json(const Study& study);

}  // namespace consilience::engine
