#include "engine/store/list.h"

#include <algorithm>
#include <system_error>

#include "engine/store/feature_recipe.h"
#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

namespace fs = std::filesystem;

struct Size {
  int64_t files = 0, bytes = 0;
};

Size size_under(const fs::path& folder) {
  Size size;
  std::error_code missing;
  for (const auto& entry : fs::recursive_directory_iterator(folder, missing)) {
    if (!entry.is_regular_file()) continue;
    ++size.files;
    size.bytes += static_cast<int64_t>(entry.file_size());
  }
  return size;
}

int64_t whole_number(const Json& record, const char* key) {
  const auto found = record.find(key);
  return found != record.end() && found->is_number_integer() ? found->get<int64_t>() : 0;
}

void describe_features(const Store& store, StoreEntry& entry) {
  const std::string manifest = "features/" + entry.name + "/manifest.json";
  if (!store.has_record(manifest)) {
    entry.note = "no manifest";
    return;
  }
  const FeatureRecipe recipe = recipe_from(store.read_record(manifest), manifest);
  const int64_t per_chunk = chunk_rows(recipe);
  int64_t chunks = 0;
  for (int64_t first = 0; first < recipe.rows; first += per_chunk) {
    ++chunks;
    if (store.has_record(chunk_record_name(entry.name, first))) ++entry.items;
  }
  entry.rows = recipe.rows;
  if (store.has_record(released_name(entry.name)) && entry.items == 0)
    entry.note = "released";
  else if (entry.items < chunks)
    entry.note = fmt::format("{} of {} chunks", entry.items, chunks);
}

void describe_graphs(const Store& store, StoreEntry& entry) {
  for (const std::string& name : store.records("graphs/" + entry.name)) {
    ++entry.items;
    if (entry.rows == 0) entry.rows = whole_number(store.read_record(name), "n");
  }
}

}  // namespace

std::vector<StoreEntry> list_store(const Store& store) {
  std::vector<StoreEntry> entries;
  for (const char* kind : {"models", "data", "features", "graphs", "reports"})
    for (const std::string& name : store.find(kind, "")) {
      StoreEntry entry{kind, name, 0, 0, 0, ""};
      const Size size = size_under(store.root() / kind / name);
      entry.bytes = size.bytes;
      if (entry.kind == "features") {
        describe_features(store, entry);
      } else if (entry.kind == "graphs") {
        describe_graphs(store, entry);
      } else {
        entry.items = size.files;
      }
      entries.push_back(std::move(entry));
    }
  if (const Size size = size_under(store.root() / "scores"); size.files > 0)
    entries.push_back(
        {"scores", "", static_cast<int64_t>(store.records("scores").size()), 0, size.bytes, ""});
  return entries;
}

}  // namespace consilience::engine
