#include <fmt/format.h>
#include <fmt/ranges.h>

#include "engine/store/npy.h"
#include "engine/store/stored_features.h"
#include "kernels/base/error.h"
#include "tools/cli/command.h"

namespace consilience::cli {
namespace {

struct Words {
  std::string model, out, layer, pooling, store = "store";
};

/// The slot that the words name: by layer name, or by position ("7", and "-1" is the last layer).
int64_t find_slot(const engine::StoredFeatures& features, const Words& words) {
  std::vector<std::string> layers, found;
  for (const auto& slot : features.slots())
    if (layers.empty() || layers.back() != slot.layer) layers.push_back(slot.layer);
  std::string layer = words.layer;
  if (layer.find_first_not_of("-0123456789") == std::string::npos && !layer.empty()) {
    const int64_t count = static_cast<int64_t>(layers.size());
    const int64_t index = std::stoll(layer) + (layer.front() == '-' ? count : 0);
    if (index < 0 || index >= count)
      fail(Failure::usage, "--layer {}: {} has layers 0 to {}", layer, words.model, count - 1);
    layer = layers[static_cast<size_t>(index)];
  }
  int64_t at = -1;
  for (size_t s = 0; s < features.slots().size(); ++s) {
    const auto& slot = features.slots()[s];
    if (slot.layer != layer || (!words.pooling.empty() && slot.pooling != words.pooling)) continue;
    found.push_back(slot.name());
    at = static_cast<int64_t>(s);
  }
  if (found.empty())
    fail(Failure::usage, "{} has no {}{}; its layers are {}", words.model, layer,
         words.pooling.empty() ? "" : "/" + words.pooling, fmt::join(layers, ", "));
  if (found.size() > 1)
    fail(Failure::usage, "{}: several poolings ({}): name one with --pooling", words.model,
         fmt::join(found, ", "));
  return at;
}

int export_layer(const Words& words, const Globals& globals) {
  const engine::Store store(words.store, engine::Store::Access::read);
  const auto keys = store.find("features", words.model);
  if (keys.empty())
    fail(Failure::usage, "{}: no features of a model '{}'; `consilience store ls {}` lists them",
         words.store, words.model, words.store);
  if (keys.size() > 1)
    fail(Failure::usage, "{}: several sets of features ({}): name one of them", words.model,
         fmt::join(keys, ", "));
  const engine::StoredFeatures features(store, keys.front());
  const int64_t slot = find_slot(features, words);
  const auto x = engine::read_all(features, slot);
  engine::write_npy(words.out, engine::tensor("x", {x.rows(), x.cols()}, x.values()));
  const std::string name = features.slots()[static_cast<size_t>(slot)].name();
  if (globals.json)
    print_json({{"features", keys.front()},
                {"slot", name},
                {"rows", x.rows()},
                {"width", x.cols()},
                {"out", words.out}});
  else
    print(fmt::format("{}: {} of {}, float32 [{}, {}]\n", words.out, name, keys.front(), x.rows(),
                      x.cols()));
  return 0;
}

}  // namespace

void add_export(CLI::App& app, Globals& globals, Action& action) {
  CLI::App* verb = add_verb(app, "export", "write one layer of stored features as .npy",
                            "consilience export minilm-l6 out.npy --layer 7");
  auto words = std::make_shared<Words>();
  verb->add_option("model", words->model, "a model's name, or the key of its features")->required();
  verb->add_option("out", words->out, "the .npy file")->required();
  verb->add_option("--layer", words->layer, "a layer's name or position; -1: the last")->required();
  verb->add_option("--pooling", words->pooling, "first, last or mean, where there are several");
  verb->add_option("--store", words->store, "the store")->capture_default_str();
  verb->callback(
      [=, &globals, &action] { action = [=, &globals] { return export_layer(*words, globals); }; });
}

}  // namespace consilience::cli
