#include "engine/tasks/records.h"

#include "engine/metrics/metric.h"
#include "engine/tasks/context.h"

namespace consilience::engine {
namespace {

/// The k that serves every metric of the study.
int graph_k(const StudyContext& context) {
  return graph_neighbors(context.study().metrics.list,
                         static_cast<int64_t>(context.inputs().data.valid_rows().size()));
}

}  // namespace

bool features_complete(const Store& store, const FeatureRecipe& recipe) {
  const std::string key = feature_key(recipe);
  for (int64_t row = 0; row < recipe.rows; row += chunk_rows(recipe))
    if (!store.has_record(chunk_record_name(key, row))) return false;
  return true;
}

Json graph_inputs(const StudyContext& context, const std::string& features_digest) {
  return {{"features", features_digest},
          {"conditioning", conditioning_json(context.study().conditioning)},
          {"k", graph_k(context)},
          {"groups", context.groups()}};
}

GraphRequest graph_request(const StudyContext& context, const ZooModel& model) {
  GraphRequest request;
  request.model = model.card.name;
  request.conditioning = context.study().conditioning;
  request.k = graph_k(context);
  request.groups = context.groups();
  return request;
}

std::string facts_name(const StudyContext& context, const std::string& feature_key,
                       const std::string& features_digest) {
  return fmt::format("graphs/{}/facts-{}.json", feature_key,
                     hash_of(graph_inputs(context, features_digest)).substr(0, 8));
}

}  // namespace consilience::engine
