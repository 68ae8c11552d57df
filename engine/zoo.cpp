#include "engine/zoo.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>
#include <set>

#include "engine/base/nearest.h"
#include "engine/toml_reader.h"

namespace consilience::engine {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFamilyPrefix = "zoo:";

std::vector<std::string> families() {
  std::vector<std::string> names;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(zoo_folder(), ignored))
    if (entry.path().extension() == ".toml") names.push_back(entry.path().stem().string());
  std::sort(names.begin(), names.end());
  return names;
}

/// The packages called `name`, or with the key `name`.
const ZooModel* find_package(const std::vector<ZooModel>& packages, const std::string& name) {
  const ZooModel* found = nullptr;
  for (const auto& package : packages) {
    if (package.card.key() == name) return &package;
    if (package.card.name != name) continue;
    if (found)
      fail(Failure::usage,
           "model '{}' has two packages, {} and {}: name one of them in the study, or remove one",
           name, found->card.key(), package.card.key());
    found = &package;
  }
  return found;
}

std::string twin_name(const std::string& model, int seed) {
  return fmt::format("{}.random-{}", model, seed);
}

bool is_package(const std::string& use) {
  return use.find('/') != std::string::npos || fs::exists(fs::path(use) / "card.json");
}

/// The first few names, and how many more there are.
std::string some(const std::vector<std::string>& names) {
  constexpr size_t kShown = 5;
  const auto count = static_cast<long>(std::min(kShown, names.size()));
  const std::vector<std::string> shown(names.begin(), names.begin() + count);
  const std::string more =
      names.size() > kShown ? fmt::format(" and {} more", names.size() - kShown) : "";
  return fmt::format("{}{}", fmt::join(shown, ", "), more);
}

std::set<std::string> zoo_members() {
  std::set<std::string> all;
  for (const auto& family : families())
    for (const auto& name : family_members(family)) all.insert(name);
  return all;
}

[[noreturn]] void refuse_missing(const std::vector<std::string>& missing, int twins,
                                 const std::vector<ZooModel>& packages, const fs::path& folder) {
  std::set<std::string> bases;
  for (const auto& name : missing) bases.insert(name.substr(0, name.find(".random-")));
  std::vector<std::string> known, by_name, by_spec;
  for (const auto& package : packages) known.push_back(package.card.name);
  const auto members = zoo_members();
  for (const auto& base : bases) {
    const bool own = std::ranges::count(known, base) > 0 && !members.contains(base);
    (own ? by_spec : by_name).push_back(base);
  }
  const std::string with_twins = twins > 0 ? fmt::format(" --twins {}", twins) : "";
  std::string ways;
  if (!by_name.empty())
    ways += fmt::format("; make {}: consilience models import {}{}{}",
                        missing.size() == 1 ? "it" : "them", fmt::join(by_name, " "), with_twins,
                        folder == fs::path("store/models")
                            ? ""
                            : fmt::format(" --store {}", folder.parent_path().string()));
  if (!by_spec.empty())
    ways += fmt::format("; import again with{} what {} {} made from, or set twins = 0 for {}",
                        with_twins, some(by_spec), by_spec.size() == 1 ? "was" : "were",
                        by_spec.size() == 1 ? "it" : "them");
  fail(Failure::never, "no package in {} for: {}{}{}", folder.string(), some(missing),
       did_you_mean(missing.front(), known), ways);
}

/// A service has no weights to draw anew, and of somebody's artefact the code is not known: where
/// there is no original, `models import` makes no twin.
bool can_be_twinned(const models::ModelCard& card) {
  const auto errors = card.about.find("measured_error");
  const bool original = errors == card.about.end() || !errors->is_null();
  return card.role == models::Role::trained && !card.endpoint && original;
}

}  // namespace

fs::path zoo_folder() {
  const char* set = std::getenv("CONSILIENCE_ZOO");
  return set ? set : CONSILIENCE_ZOO_FOLDER;
}

std::vector<std::string> family_members(const std::string& family) {
  const fs::path file = zoo_folder() / (family + ".toml");
  if (!fs::exists(file)) {
    const auto known = families();
    fail(Failure::usage, "unknown zoo family '{}'{}; there are: {}", family,
         did_you_mean(family, known), fmt::join(known, ", "));
  }
  const toml::table table = toml::parse_file(file.string());
  TomlReader reader(table, file.string());
  return reader.texts("models", {});
}

std::string dequantised_from(const models::ModelCard& card) {
  for (const auto& [place, key] : {std::pair(&card.identity.at("weights"), "dequantised_from"),
                                   std::pair(&card.about, "quantised_from")})
    if (const auto found = place->find(key); found != place->end() && found->is_string())
      return found->get<std::string>();
  return "";
}

std::vector<ZooModel> list_packages(const fs::path& models_folder) {
  std::vector<ZooModel> packages;
  if (!fs::exists(models_folder)) return packages;
  for (const auto& entry : fs::directory_iterator(models_folder))
    if (fs::exists(entry.path() / "card.json"))
      packages.push_back({entry.path(), models::read_card(entry.path())});
  std::sort(packages.begin(), packages.end(),
            [](const auto& a, const auto& b) { return a.card.key() < b.card.key(); });
  return packages;
}

std::vector<ZooModel> resolve_models(const std::vector<ModelRequest>& requests,
                                     const fs::path& models_folder) {
  const auto packages = list_packages(models_folder);
  std::vector<ZooModel> models;
  std::vector<std::string> missing;
  std::set<std::string> seen;
  int most_twins = 0;
  const auto add = [&](const ZooModel& model) {
    if (!seen.insert(model.card.name).second)
      fail(Failure::usage, "model '{}' is asked for twice in the study", model.card.name);
    models.push_back(model);
  };
  const auto add_named = [&](const std::string& name, int twins) {
    most_twins = std::max(most_twins, twins);
    const ZooModel* model = find_package(packages, name);
    if (model)
      add(*model);
    else
      missing.push_back(name);
    if (model && model->card.role != models::Role::trained) return;
    const std::string base = model ? model->card.name : name;
    for (int seed = 1; seed <= twins; ++seed) {
      if (const ZooModel* twin = find_package(packages, twin_name(base, seed)))
        add(*twin);
      else if (!model || can_be_twinned(model->card))
        missing.push_back(twin_name(base, seed));
    }
  };
  for (const auto& request : requests) {
    if (request.use.starts_with(kFamilyPrefix)) {
      for (const auto& name : family_members(request.use.substr(4))) add_named(name, request.twins);
    } else if (is_package(request.use)) {
      const fs::path package = fs::path(request.use).lexically_normal();
      add({package, models::read_card(package)});
      const auto beside = list_packages(package.parent_path());
      if (models.back().card.role != models::Role::trained) continue;
      const std::string base = models.back().card.name;
      for (int seed = 1; seed <= request.twins; ++seed) {
        const ZooModel* twin = find_package(beside, twin_name(base, seed));
        if (!twin) twin = find_package(packages, twin_name(base, seed));
        if (!twin && !can_be_twinned(models.back().card)) continue;
        if (!twin)
          fail(Failure::never,
               "{}: no package {} beside it: make the twin, or set twins = {} for it", request.use,
               twin_name(base, seed), seed - 1);
        add(*twin);
      }
    } else {
      add_named(request.use, request.twins);
    }
  }
  if (!missing.empty()) refuse_missing(missing, most_twins, packages, models_folder);
  return models;
}

}  // namespace consilience::engine
