#include "engine/tasks/context.h"

#include "engine/extract/extract.h"
#include "engine/metrics/metric.h"
#include "engine/store/feature_recipe.h"
#include "engine/store/graphs.h"
#include "engine/store/scores.h"
#include "engine/tasks/make_half_graphs.h"
#include "engine/tasks/records.h"
#include "engine/types/groups.h"

namespace consilience::engine {
namespace {

constexpr size_t kHalfGraphModels = 48;  // about 20 MB each at n = 800

}  // namespace

StudyContext::StudyContext(StudyInputs inputs, const Store& store, RunOptions options)
    : inputs_(std::move(inputs)), store_(&store), options_(options) {
  kernels_.threads = options.threads;
  for (const auto& model : inputs_.models) by_key_[model.card.key()] = &model;
  if (study().data.group.empty()) return;
  std::vector<std::string> names;
  for (const int64_t row : inputs_.data.valid_rows())
    names.push_back(inputs_.data.samples[static_cast<size_t>(row)].group);
  groups_ = group_numbers(names);
}

const ZooModel& StudyContext::model(const std::string& key) const { return *by_key_.at(key); }

FeatureRecipe StudyContext::recipe(const ZooModel& model) const {
  FeatureRecipe recipe;
  recipe.model = model.card.name;
  recipe.inputs = {{"identity", model.card.identity_hash},
                   {"data", inputs_.data.hash},
                   {"compute", study().features.compute},
                   {"numerics", inputs_.numerics}};
  recipe.slots = wanted_slots(study().features, model.card);
  recipe.scalars = scalar_names(model.card);
  recipe.rows = inputs_.data.rows();
  recipe.dtype = storage_dtype(study().features.store);
  return recipe;
}

std::string StudyContext::features_digest(const ZooModel& model) {
  const std::string key = feature_key(recipe(model));
  if (const auto known = digests_.find(key); known != digests_.end()) return known->second;
  std::string digest;
  if (features_complete(*store_, recipe(model)))
    digest = StoredFeatures(*store_, key).digest();
  else if (store_->has_record(released_name(key)))
    digest = store_->read_record(released_name(key)).at("digest").get<std::string>();
  if (!digest.empty()) digests_[key] = digest;
  return digest;
}

std::vector<std::string> StudyContext::graph_records(const ZooModel& model) {
  const std::string features = features_digest(model);
  if (features.empty()) return {};
  const FeatureRecipe features_recipe = recipe(model);
  const std::string hash = hash_of(graph_inputs(*this, features));
  std::vector<std::string> names;
  for (const auto& slot : features_recipe.slots)
    names.push_back(
        graph_record_name(feature_key(features_recipe), slot.layer, slot.pooling, hash));
  return names;
}

std::string StudyContext::score_record(const Task& compare) {
  const auto a = graph_records(model(compare.inputs.at("key_a")));
  const auto b = graph_records(model(compare.inputs.at("key_b")));
  if (a.empty() || b.empty()) return "";
  return score_record_name(
      hash_of({{"kind", "compare"}, {"a", a}, {"b", b}, {"metric", compare.inputs.at("metric")}}));
}

std::string StudyContext::inference_record(const Task& infer) {
  const std::string score = score_record(infer);
  if (score.empty()) return "";
  Json inputs = infer.inputs;
  inputs["compare"] = score;
  inputs["group_numbers"] = groups_;
  return score_record_name(hash_of({{"kind", "infer"}, {"inputs", inputs}}));
}

const ModelGraphs& StudyContext::graphs(const ZooModel& model) {
  const std::string key = model.card.key();
  if (const auto known = graphs_.find(key); known != graphs_.end()) return known->second;
  ModelGraphs graphs{model.card.name,
                     modality_name(model.card.modality),
                     static_cast<int64_t>(inputs_.data.valid_rows().size()),
                     {}};
  for (const auto& name : graph_records(model)) graphs.layers.push_back(read_graph(*store_, name));
  return graphs_[key] = std::move(graphs);
}

const Relabellings& StudyContext::relabellings(const std::string& unit_a,
                                               const std::string& unit_b) {
  const auto [entry, is_new] = relabellings_.try_emplace({unit_a, unit_b});
  if (is_new)
    entry->second =
        draw_relabellings({.seed = study().seed, .permutations = study().inference.permutations},
                          unit_a, unit_b, static_cast<int64_t>(inputs_.data.valid_rows().size()));
  return entry->second;
}

const HalfGraphs& StudyContext::half_graphs(const ZooModel& model, int k) {
  const std::string key = fmt::format("{} k={}", model.card.key(), k);
  for (auto it = half_graphs_.begin(); it != half_graphs_.end(); ++it) {
    if (it->first != key) continue;
    half_graphs_.splice(half_graphs_.begin(), half_graphs_, it);
    return half_graphs_.front().second;
  }
  if (!splits_)
    splits_ = std::make_unique<HalfSplits>(
        draw_half_splits(study().seed, study().inference.splits,
                         static_cast<int64_t>(inputs_.data.valid_rows().size()), groups_));
  const StoredFeatures features(*store_, feature_key(recipe(model)));
  half_graphs_.emplace_front(key, make_half_graphs(kernels_, features, graphs(model),
                                                   graph_request(*this, model), k, *splits_));
  if (half_graphs_.size() > kHalfGraphModels) half_graphs_.pop_back();
  return half_graphs_.front().second;
}

}  // namespace consilience::engine
