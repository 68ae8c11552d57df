#include "engine/store/feature_recipe.h"

#include "engine/store/fields.h"
#include "engine/store/store.h"

namespace consilience::engine {
namespace {

constexpr const char* kFormat = "consilience-features/1";
constexpr int64_t kChunkBytes = int64_t{64} << 20;

std::string dtype_name(Dtype dtype) {
  return dtype == Dtype::f32 ? "f32" : dtype == Dtype::f16 ? "f16" : "bf16";
}

}  // namespace

int64_t chunk_rows(int64_t width_sum) {
  int64_t rows = 1;
  while (rows * 2 * width_sum * static_cast<int64_t>(sizeof(float)) <= kChunkBytes &&
         rows < kChunkBytes)
    rows *= 2;
  return rows;
}

int64_t chunk_rows(const FeatureRecipe& recipe) {
  int64_t width_sum = 0;
  for (const FeatureSlot& slot : recipe.slots) width_sum += slot.width;
  return chunk_rows(width_sum);
}

Json manifest_of(const FeatureRecipe& recipe) {
  Json slots = Json::array();
  for (const FeatureSlot& slot : recipe.slots)
    slots.push_back({{"layer", slot.layer}, {"pooling", slot.pooling}, {"width", slot.width}});
  return {{"format", kFormat},
          {"model", recipe.model},
          {"inputs", recipe.inputs},
          {"slots", std::move(slots)},
          {"scalars", recipe.scalars},
          {"rows", recipe.rows},
          {"dtype", dtype_name(recipe.dtype)},
          {"chunk_rows", chunk_rows(recipe)}};
}

FeatureRecipe recipe_from(const Json& manifest, const std::string& file) {
  expect(manifest.is_object() && manifest.value("format", Json()) == Json(kFormat),
         "{}: no manifest of features (format {})", file, kFormat);
  FeatureRecipe recipe;
  recipe.model = field<std::string>(manifest, "model", file);
  recipe.inputs = field<Json>(manifest, "inputs", file);
  recipe.scalars = field<std::vector<std::string>>(manifest, "scalars", file);
  recipe.rows = field<int64_t>(manifest, "rows", file);
  recipe.dtype = storage_dtype(field<std::string>(manifest, "dtype", file));
  for (const Json& slot : field<Json>(manifest, "slots", file))
    recipe.slots.push_back({field<std::string>(slot, "layer", file),
                            field<std::string>(slot, "pooling", file),
                            field<int64_t>(slot, "width", file)});
  for (const FeatureSlot& slot : recipe.slots)
    expect(slot.width > 0 && slot.width <= INT32_MAX, "{}: damaged: {} is {} wide", file,
           slot.name(), slot.width);
  expect(recipe.rows >= 0 && manifest_of(recipe) == manifest, "{}: damaged: its fields disagree",
         file);
  return recipe;
}

std::string feature_key(const FeatureRecipe& recipe) {
  return fmt::format("{}@{}", file_name_part(recipe.model),
                     hash_of(manifest_of(recipe)).substr(0, 8));
}

std::string released_name(const std::string& key) { return "features/" + key + "/released.json"; }

std::string chunk_record_name(const std::string& key, int64_t first_row) {
  return fmt::format("features/{}/rows-{:09}.json", key, first_row);
}

}  // namespace consilience::engine
