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

/// The x of capability curves: measured by the study itself, of its causal models.
inline constexpr const char* kBitsPerByte = "bits_per_byte";

/// Whether extraction gives the scalars that bits per byte are made of.
[[nodiscard]] bool measures_bits_per_byte(const models::ModelCard& card);

/// The bits per byte that a study's models will have: NaN for each, until extraction.
[[nodiscard]] std::map<std::string, double> bits_to_measure(const std::vector<ZooModel>& models);

/// The value of `x_name` for every model that has one: a covariate, or a number of the card
/// ("params" stands for "parameters"), or for "bits_per_byte" what is in `bits`. Throws
/// Error(usage) listing what there is when no model has it.
[[nodiscard]] std::map<std::string, double> curve_numbers(
    const std::string& x_name, const std::vector<ZooModel>& models, const Json& covariates,
    const std::map<std::string, double>& bits);

}  // namespace consilience::engine
