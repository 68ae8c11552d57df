#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/json.h"
#include "engine/store/tensor.h"
#include "engine/types/features.h"

namespace consilience::engine {

/// A power of two of rows whose float32 values fill at most 64 MiB, at least 1. `width_sum`: the
/// widths of all slots together.
[[nodiscard]] int64_t chunk_rows(int64_t width_sum);

/// Everything that features depend on. Its hash names their folder.
struct FeatureRecipe {
  std::string model;                 // name
  Json inputs = Json::object();      // identity hash, data hash, precision, numerics class ..
  std::vector<FeatureSlot> slots;    // in order
  std::vector<std::string> scalars;  // names, in order
  int64_t rows = 0;                  // n, rows of bad samples included
  Dtype dtype = Dtype::f32;          // at rest: f32, f16, bf16
};

/// What manifest.json holds: the recipe and its chunk_rows.
[[nodiscard]] Json manifest_of(const FeatureRecipe& recipe);
/// `file` is named in errors.
[[nodiscard]] FeatureRecipe recipe_from(const Json& manifest, const std::string& file);
/// "<model>@<hash8>".
[[nodiscard]] std::string feature_key(const FeatureRecipe& recipe);
[[nodiscard]] int64_t chunk_rows(const FeatureRecipe& recipe);
/// "features/<key>/released.json": the digest of features whose chunks were dropped.
[[nodiscard]] std::string released_name(const std::string& key);
/// "features/<key>/rows-000001024.json".
[[nodiscard]] std::string chunk_record_name(const std::string& key, int64_t first_row);

}  // namespace consilience::engine
