#include "engine/tasks/capability.h"

#include <algorithm>
#include <cmath>

#include "engine/covariates.h"
#include "engine/tasks/records.h"

namespace consilience::engine {

BitsPerByte bits_per_byte(const StoredFeatures& features) {
  return bits_per_byte(features.scalar("nll"), features.scalar("tokens"), features.scalar("bytes"));
}

std::map<std::string, double> bits_per_byte(StudyContext& context) {
  std::map<std::string, double> values = bits_to_measure(context.inputs().models);
  for (const auto& model : context.inputs().models) {
    if (!measures_bits_per_byte(model.card)) continue;
    const FeatureRecipe recipe = context.recipe(model);
    const std::string key = feature_key(recipe);
    if (features_complete(context.store(), recipe)) {
      values[model.card.name] = bits_per_byte(StoredFeatures(context.store(), key)).value;
    } else if (context.store().has_record(released_name(key))) {
      const Json record = context.store().read_record(released_name(key));
      if (record.contains("bits_per_byte") && record.at("bits_per_byte").is_number())
        values[model.card.name] = record.at("bits_per_byte").get<double>();
    }
  }
  return values;
}

Json released_bits(const StoredFeatures& features) {
  const auto& names = features.recipe().scalars;
  if (std::find(names.begin(), names.end(), "nll") == names.end()) return nullptr;
  const double value = bits_per_byte(features).value;
  return std::isfinite(value) ? Json(value) : Json();
}

}  // namespace consilience::engine
