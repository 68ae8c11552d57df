#include "engine/tasks/view_side.h"

#include <algorithm>

#include "engine/metrics/metric.h"
#include "engine/metrics/preprocess.h"
#include "engine/tasks/make_half_graphs.h"
#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

/// The value kept under `key`, made by `make` when it is new.
template <typename Key, typename Value, typename Make>
Value& keep(std::list<std::pair<Key, Value>>& kept, const Key& key, Make make) {
  const auto found =
      std::ranges::find_if(kept, [&](const auto& entry) { return entry.first == key; });
  return found != kept.end() ? found->second : kept.emplace_back(key, make()).second;
}

}  // namespace

ViewSide::ViewSide(const kernels::Context& context, std::string name, const FeatureView& features,
                   const SampleLabels& labels, const Conditioning& given,
                   const std::vector<MetricSpec>& metrics, bool with_halves)
    : context_(context),
      name_(std::move(name)),
      features_(&features),
      labels_(&labels),
      given_(given),
      metrics_(metrics),
      with_halves_(with_halves) {}

GraphRequest ViewSide::request(const Conditioning& conditioning) const {
  std::vector<MetricSpec> alike;
  for (const auto& metric : metrics_)
    if (neighbors_needed(metric) > 0 && conditioning_for(metric, given_) == conditioning)
      alike.push_back(metric);
  GraphRequest request;
  request.model = name_;
  request.conditioning = conditioning;
  request.k = graph_neighbors(alike, features_->rows());
  if (!with_halves_ && request.k < features_->rows()) request.capacity = request.k;
  request.groups = labels_->groups;
  return request;
}

const ModelGraphs& ViewSide::graphs(const MetricSpec& metric) {
  const Conditioning conditioning = conditioning_for(metric, given_);
  return keep(graphs_, conditioning, [&] {
    return ModelGraphs{name_, "", features_->rows(),
                       build_graphs(context_, *features_, request(conditioning))};
  });
}

ModelInput ViewSide::input(const MetricSpec& metric) {
  const Conditioning conditioning = conditioning_for(metric, given_);
  const Needs needs = metric_info(metric.name).needs;
  const ConditionedModel* conditioned = nullptr;
  if (needs != Needs::graphs)
    conditioned = &keep(conditioned_, conditioning,
                        [&] { return condition_model(context_, *features_, name_, conditioning); });
  return model_input(name_, features_->rows(), needs == Needs::features ? nullptr : &graphs(metric),
                     conditioned, *labels_);
}

const HalfGraphs* ViewSide::half_graphs(const MetricSpec& metric, const HalfSplits& splits) {
  const int k = neighbors_needed(metric);
  if (k == 0) return nullptr;
  const Conditioning conditioning = conditioning_for(metric, given_);
  return &keep(halves_, fmt::format("{} k={}", describe(conditioning), k), [&] {
    return make_half_graphs(context_, *features_, graphs(metric), request(conditioning), k, splits);
  });
}

ComparedSides compared_sides(const MetricSpec& metric, ViewSide& a, ViewSide& b) {
  const bool one = metric_info(metric.name).spaces == 1;
  const bool of_y = one && metric.has("of") && metric.word("of") == "y";
  ComparedSides sides;
  sides.first = of_y ? &b : &a;
  sides.a = sides.first->input(metric);
  sides.b.rows = sides.a.rows;
  if (one) return sides;
  sides.second = &b;
  sides.b = b.input(metric);
  return sides;
}

}  // namespace consilience::engine
