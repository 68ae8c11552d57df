#pragma once
#include <memory>
#include <string>
#include <vector>

#include "engine/zoo.h"
#include "tools/cli/command.h"

namespace consilience::cli {

/// What every verb under `models` gets: `store` is what --store says, `chosen` takes the action.
struct ModelsVerbs {
  CLI::App& models;
  std::shared_ptr<std::string> store;
  Globals& globals;
  std::shared_ptr<Action> chosen;
};

void add_models_bpb(const ModelsVerbs& verbs);
void add_models_import(const ModelsVerbs& verbs);
void add_models_list(const ModelsVerbs& verbs);
void add_models_remove(const ModelsVerbs& verbs);
void add_models_show(const ModelsVerbs& verbs);
void add_models_verify(const ModelsVerbs& verbs);
void add_models_zoo(const ModelsVerbs& verbs);

/// <store>/models.
[[nodiscard]] std::filesystem::path models_folder(const std::string& store);

/// The packages of a folder that can be read, by name, and what is wrong with the others.
struct Packages {
  std::vector<engine::ZooModel> models;
  std::vector<std::string> problems;
};
[[nodiscard]] Packages scan_packages(const std::filesystem::path& folder);

/// The package that a name, a key or the path of one means. Error(usage) with the nearest name when
/// there is none, and with the keys when a name has several.
[[nodiscard]] engine::ZooModel the_package(const std::string& store, const std::string& word);

/// Bytes of the artefact and of everything beside it.
[[nodiscard]] int64_t bytes_on_disk(const std::filesystem::path& package);

}  // namespace consilience::cli
