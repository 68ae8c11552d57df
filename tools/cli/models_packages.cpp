#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "engine/base/nearest.h"
#include "kernels/base/error.h"
#include "tools/cli/models_verbs.h"

namespace consilience::cli {

namespace fs = std::filesystem;

fs::path models_folder(const std::string& store) { return fs::path(store) / "models"; }

Packages scan_packages(const fs::path& folder) {
  Packages found;
  std::error_code missing;
  std::vector<fs::path> folders;
  for (const auto& entry : fs::directory_iterator(folder, missing))
    if (entry.path().filename().string().front() != '.' && fs::exists(entry.path() / "card.json"))
      folders.push_back(entry.path());
  std::sort(folders.begin(), folders.end());
  for (const auto& path : folders) try {
      found.models.push_back({path, models::read_card(path)});
    } catch (const Error& error) {
      found.problems.emplace_back(error.what());
    }
  return found;
}

engine::ZooModel the_package(const std::string& store, const std::string& word) {
  if (word.find('/') != std::string::npos || fs::exists(fs::path(word) / "card.json")) {
    const fs::path path = fs::path(word).lexically_normal();
    return {path.has_filename() ? path : path.parent_path(), models::read_card(path)};
  }
  const Packages packages = scan_packages(models_folder(store));
  std::vector<std::string> names, keys;
  const engine::ZooModel* found = nullptr;
  for (const auto& model : packages.models) {
    if (model.card.key() == word) return model;
    names.push_back(model.card.name);
    if (model.card.name != word) continue;
    found = &model;
    keys.push_back(model.card.key());
  }
  if (keys.size() > 1)
    fail(Failure::usage, "model '{}' has several packages: name one of {}", word,
         fmt::join(keys, ", "));
  if (found != nullptr) return *found;
  for (const auto& problem : packages.problems)
    if (problem.find("/" + word + "@") != std::string::npos) fail(Failure::never, "{}", problem);
  fail(Failure::usage, "no model '{}' in {}{}; `consilience models` lists them", word,
       models_folder(store).string(), engine::did_you_mean(word, names));
}

int64_t bytes_on_disk(const fs::path& package) {
  int64_t bytes = 0;
  for (const auto& file : fs::directory_iterator(package))
    if (file.is_regular_file()) bytes += static_cast<int64_t>(file.file_size());
  return bytes;
}

}  // namespace consilience::cli
