#pragma once
#include <string>
#include <vector>

#include "engine/base/json.h"
#include "engine/graphs/build_graphs.h"
#include "engine/plan.h"
#include "engine/store/feature_recipe.h"
#include "engine/store/store.h"
#include "engine/zoo.h"

namespace consilience::engine {

class StudyContext;

/// Whether every chunk record of a recipe is there.
[[nodiscard]] bool features_complete(const Store& store, const FeatureRecipe& recipe);

/// The records of all chunks of a recipe, in order.
[[nodiscard]] std::vector<std::string> chunk_record_names(const FeatureRecipe& recipe);

/// What a graph depends on; its hash names the records.
[[nodiscard]] Json graph_inputs(const StudyContext& context, const GraphView& view,
                                const std::string& features_digest);
[[nodiscard]] GraphRequest graph_request(const StudyContext& context, const GraphView& view,
                                         const ZooModel& model);
/// "graphs/<key>/facts-<hash8>.json": what the report says of a model's layers, also when graphs
/// were dropped.
[[nodiscard]] std::string facts_name(const StudyContext& context, const GraphView& view,
                                     const std::string& feature_key,
                                     const std::string& features_digest);

}  // namespace consilience::engine
