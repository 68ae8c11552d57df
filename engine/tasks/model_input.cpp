#include "engine/tasks/model_input.h"

#include "kernels/base/error.h"

namespace consilience::engine {

ConditionedModel condition_model(const kernels::Context& context, const FeatureView& features,
                                 const std::string& model, const Conditioning& conditioning) {
  ConditionedModel out;
  out.slots = features.slots();
  const ClampFit fit = fit_clamp(context, features, model, conditioning);
  for (int64_t s = 0; s < std::ssize(out.slots); ++s)
    out.layers.push_back(condition_layer(context, features, s, model, conditioning, fit));
  return out;
}

ModelInput model_input(const std::string& model, int64_t rows, const ModelGraphs* graphs,
                       const ConditionedModel* features, const SampleLabels& labels) {
  expect(graphs != nullptr || features != nullptr, "{}: neither graphs nor features", model);
  ModelInput input{.model = model,
                   .rows = rows,
                   .layers = {},
                   .classes = labels.classes,
                   .groups = labels.groups};
  const size_t layers = features != nullptr ? features->layers.size() : graphs->layers.size();
  for (size_t l = 0; l < layers; ++l) {
    LayerInput& layer = input.layers.emplace_back();
    if (graphs != nullptr) {
      const LayerGraph& stored = graphs->layers[l];
      layer.name = stored.layer + "/" + stored.pooling;
      layer.graph = &stored.graph;
    }
    if (features == nullptr) continue;
    layer.name = features->slots[l].name();
    layer.reason = features->layers[l].reason;
    if (layer.reason.empty()) layer.features = features->layers[l].view();
  }
  return input;
}

}  // namespace consilience::engine
