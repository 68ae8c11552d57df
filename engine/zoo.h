#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "engine/study.h"
#include "models/card.h"

namespace consilience::engine {

/// A package found on disk, with its card.
struct ZooModel {
  std::filesystem::path package;
  models::ModelCard card;
};

/// The members of a family: `models` of <zoo folder>/<family>.toml. Throws Error(usage) listing the
/// families that there are.
[[nodiscard]] std::vector<std::string> family_members(const std::string& family);

/// The folder of zoo families: $CONSILIENCE_ZOO, else the one that this program was built from.
[[nodiscard]] std::filesystem::path zoo_folder();

/// Every package below `models_folder`, by name. Unreadable cards are errors.
[[nodiscard]] std::vector<ZooModel> list_packages(const std::filesystem::path& models_folder);

/// "Q4_1" where a model's weights come from a quantised file; "" where they do not.
[[nodiscard]] std::string dequantised_from(const models::ModelCard& card);

/// The packages that a study asks for, each with its random-weights twins behind it, in the study's
/// order. Throws Error(never) naming every missing package and the command that makes them;
/// Error(usage) for a model that is named twice.
[[nodiscard]] std::vector<ZooModel> resolve_models(const std::vector<ModelRequest>& requests,
                                                   const std::filesystem::path& models_folder);

}  // namespace consilience::engine
