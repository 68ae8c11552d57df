#include "engine/tasks/records.h"

#include <algorithm>

#include "engine/tasks/context.h"

namespace consilience::engine {

std::vector<std::string> chunk_record_names(const FeatureRecipe& recipe) {
  const std::string key = feature_key(recipe);
  std::vector<std::string> names;
  for (int64_t row = 0; row < recipe.rows; row += chunk_rows(recipe))
    names.push_back(chunk_record_name(key, row));
  return names;
}

bool features_complete(const Store& store, const FeatureRecipe& recipe) {
  return std::ranges::all_of(chunk_record_names(recipe),
                             [&](const auto& name) { return store.has_record(name); });
}

Json graph_inputs(const StudyContext& context, const GraphView& view,
                  const std::string& features_digest) {
  return {{"features", features_digest},
          {"conditioning", conditioning_json(view.conditioning)},
          {"k", view.k},
          {"groups", context.labels().groups}};
}

GraphRequest graph_request(const StudyContext& context, const GraphView& view,
                           const ZooModel& model) {
  GraphRequest request;
  request.model = model.card.name;
  request.conditioning = view.conditioning;
  request.k = view.k;
  request.groups = context.labels().groups;
  return request;
}

std::string facts_name(const StudyContext& context, const GraphView& view,
                       const std::string& feature_key, const std::string& features_digest) {
  return fmt::format("graphs/{}/facts-{}.json", feature_key,
                     hash_of(graph_inputs(context, view, features_digest)).substr(0, 8));
}

}  // namespace consilience::engine
