#pragma once
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "engine/base/json.h"
#include "engine/zoo.h"

namespace consilience::engine {

/// Reads a CSV of numbers, `model,column,...`, into {model: {column: number}}; empty cells are left
/// out. Throws Error(usage) naming the file and the line.
[[nodiscard]] Json read_covariates(const std::filesystem::path& file);

/// The value of `x_name` for every model that has one: a covariate, or a number of the card
/// ("params" stands for "parameters"). Throws Error(usage) listing what there is when no model has
/// it.
[[nodiscard]] std::map<std::string, double> curve_numbers(const std::string& x_name,
                                                          const std::vector<ZooModel>& models,
                                                          const Json& covariates);

}  // namespace consilience::engine
