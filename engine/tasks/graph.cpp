#include <fmt/ranges.h>

#include <algorithm>

#include "engine/base/cancel.h"
#include "engine/graphs/build_graphs.h"
#include "engine/store/graphs.h"
#include "engine/store/stored_features.h"
#include "engine/tasks/records.h"
#include "engine/tasks/tasks.h"

namespace consilience::engine {
namespace {

Json facts_json(const LayerGraph& layer, int64_t width) {
  const GraphFacts& f = layer.graph.facts;
  return {{"layer", layer.layer},
          {"pooling", layer.pooling},
          {"width", width},
          {"reason", layer.graph.reason},
          {"clamp_threshold", f.clamp_threshold},
          {"clamp_off_sparse", f.clamp_off_sparse},
          {"exact_duplicates", f.exact_duplicates},
          {"max_in_degree", f.max_in_degree},
          {"rows_with_ties", f.rows_with_ties},
          {"facts_k", f.facts_k}};
}

}  // namespace

bool graph_done(StudyContext& context, const Task& task) {
  const ZooModel& model = context.model(task.inputs.at("key"));
  const GraphView& view = context.view(task);
  const auto names = context.graph_records(model, view);
  return !names.empty() &&
         std::all_of(names.begin(), names.end(),
                     [&](const auto& name) { return context.store().has_record(name); }) &&
         context.store().has_record(facts_name(context, view, feature_key(context.recipe(model)),
                                               context.features_digest(model)));
}

void run_graph(StudyContext& context, const Task& task) {
  const ZooModel& model = context.model(task.inputs.at("key"));
  const std::string key = feature_key(context.recipe(model));
  const StoredFeatures features(context.store(), key);
  const GraphView& view = context.view(task);
  const Json inputs = graph_inputs(context, view, features.digest());
  const GraphRequest request = graph_request(context, view, model);
  const ClampFit fit =
      fit_clamp(context.kernels(), features, model.card.name, request.conditioning);
  const auto names = context.graph_records(model, view);
  Json facts = Json::array();
  for (size_t slot = 0; slot < names.size(); ++slot) {
    throw_if_cancelled();
    const auto index = static_cast<int64_t>(slot);
    if (!context.store().has_record(names[slot]))
      write_graph(context.store(), names[slot],
                  build_layer_graph(context.kernels(), features, index, request, fit), inputs);
    facts.push_back(
        facts_json(read_graph(context.store(), names[slot]), features.slots()[slot].width));
  }
  context.store().commit_record(facts_name(context, view, key, features.digest()),
                                {{"kind", "facts"}, {"inputs", inputs}, {"layers", facts}});
}

void release_graphs(StudyContext& context, const Task& task) {
  if (context.study().store.keep != "scores") return;
  const ZooModel& model = context.model(task.inputs.at("key"));
  context.store().drop_records(context.graph_records(model, context.view(task)));
}

}  // namespace consilience::engine
