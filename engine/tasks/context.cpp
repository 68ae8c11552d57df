#include "engine/tasks/context.h"

#include <algorithm>
#include <set>

#include "engine/extract/extract.h"
#include "engine/metrics/metric.h"
#include "engine/metrics/preprocess.h"
#include "engine/metrics/score_pair.h"
#include "engine/open_study.h"
#include "engine/store/feature_recipe.h"
#include "engine/store/graphs.h"
#include "engine/store/scores.h"
#include "engine/tasks/make_half_graphs.h"
#include "engine/tasks/records.h"
#include "engine/types/groups.h"

namespace consilience::engine {
namespace {

constexpr size_t kHalfGraphModels = 48;  // about 20 MB each at n = 800
constexpr size_t kConditionedModels = 4;
constexpr double kZooBytes = 2e9;  // beyond, metrics would make matrices anew for each relabelling

/// The value kept under `key`, moved to the front; made by `make` when it is new. The one used
/// longest ago goes when there are more than `most`.
template <typename Value, typename Make>
const Value& recent(std::list<std::pair<std::string, Value>>& kept, const std::string& key,
                    size_t most, Make make) {
  const auto found =
      std::ranges::find_if(kept, [&](const auto& entry) { return entry.first == key; });
  if (found != kept.end()) {
    kept.splice(kept.begin(), kept, found);
  } else {
    kept.emplace_front(key, make());
    if (kept.size() > most) kept.pop_back();
  }
  return kept.front().second;
}

BatchPolicy policy_of(const Json& record) {
  return {record.at("pictures"), record.at("tokens"), record.at("audio_samples")};
}

}  // namespace

StudyContext::StudyContext(StudyInputs inputs, const Store& store, RunOptions options)
    : inputs_(std::move(inputs)), store_(&store), options_(options) {
  for (const auto& model : inputs_.models) by_key_[model.card.key()] = &model;
  views_ = graph_views(study(), rows());
  const auto numbers = [&](const std::string& field, std::string Sample::*name) {
    std::vector<std::string> names;
    if (field.empty()) return std::vector<int32_t>{};
    for (const int64_t row : inputs_.data.valid_rows())
      names.push_back(inputs_.data.samples[static_cast<size_t>(row)].*name);
    return group_numbers(names);
  };
  labels_.groups = numbers(study().data.group, &Sample::group);
  labels_.classes = numbers(study().data.class_field, &Sample::class_id);
}

const ZooModel& StudyContext::model(const std::string& key) const { return *by_key_.at(key); }

int64_t StudyContext::rows() const { return std::ssize(inputs_.data.valid_rows()); }

const GraphView& StudyContext::view(const Task& graph) const {
  return *std::ranges::find_if(views_, [&](const GraphView& view) {
    return conditioning_json(view.conditioning) == graph.inputs.at("conditioning");
  });
}

bool StudyContext::finds_batches() const { return inputs_.numerics.at("batching") == "auto"; }

/// What a model's features depend on, but for the batch where that is found.
Json StudyContext::feature_inputs(const ZooModel& model) const {
  if (model.card.endpoint)  // computed elsewhere
    return {{"identity", model.card.identity_hash}, {"data", inputs_.data.hash}};
  return {{"identity", model.card.identity_hash},
          {"data", inputs_.data.hash},
          {"compute", compute_of(study().features, model.card)},
          {"numerics", inputs_.numerics}};
}

std::string StudyContext::batch_record(const ZooModel& model) const {
  return fmt::format("plans/batch-{}.json", hash_of(feature_inputs(model)));
}

std::optional<BatchPolicy> StudyContext::batch(const ZooModel& model) {
  if (!finds_batches()) return fixed_batch(study());
  const std::string record = batch_record(model);
  if (const auto known = batches_.find(record); known != batches_.end()) return known->second;
  if (!store_->has_record(record)) return std::nullopt;
  return batches_[record] = policy_of(store_->read_record(record));
}

void StudyContext::keep_batch(const ZooModel& model, const BatchPolicy& policy) {
  const std::string record = batch_record(model);
  if (store_->has_record(record)) {
    store_->drop_records(chunk_record_names(recipe(model)));
    store_->drop_records({record});
  }
  batches_[record] =  // another process may have been first: then it is its batch
      policy_of(store_->commit_record(record, {{"kind", "batch"},
                                               {"model", model.card.name},
                                               {"pictures", policy.pictures},
                                               {"tokens", policy.tokens},
                                               {"audio_samples", policy.audio_samples}}));
}

FeatureRecipe StudyContext::recipe(const ZooModel& model) {
  FeatureRecipe recipe;
  recipe.model = model.card.name;
  recipe.inputs = feature_inputs(model);
  if (finds_batches() && !model.card.endpoint) {
    const std::optional<BatchPolicy> found = batch(model);
    recipe.inputs["batch"] = found ? describe(*found) : "not found yet";
  }
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

std::vector<std::string> StudyContext::graph_records(const ZooModel& model, const GraphView& view) {
  const std::string features = features_digest(model);
  if (features.empty()) return {};
  const FeatureRecipe features_recipe = recipe(model);
  const std::string hash = hash_of(graph_inputs(*this, view, features));
  std::vector<std::string> names;
  for (const auto& slot : features_recipe.slots)
    names.push_back(
        graph_record_name(feature_key(features_recipe), slot.layer, slot.pooling, hash));
  return names;
}

/// What a score depends on of one model; null while that is missing.
Json StudyContext::score_inputs(const ZooModel& model, const MetricSpec& metric) {
  Json inputs = Json::array();
  if (const GraphView* view = view_of(views_, metric, study())) {
    const auto records = graph_records(model, *view);
    if (records.empty()) return nullptr;
    inputs.push_back(records);
  }
  if (metric_info(metric.name).needs == Needs::graphs) return inputs;
  const std::string digest = features_digest(model);
  if (digest.empty()) return nullptr;
  inputs.push_back({digest, conditioning_json(conditioning_for(metric, study().conditioning))});
  return inputs;
}

std::string StudyContext::score_record(const Task& compare) {
  const MetricSpec metric = parse_metric(compare.inputs.at("metric").get<std::string>());
  const Json a = score_inputs(model(compare.inputs.at("key_a")), metric);
  const Json b = score_inputs(model(compare.inputs.at("key_b")), metric);
  if (a.is_null() || b.is_null()) return "";
  return score_record_name(hash_of({{"kind", "compare"},
                                    {"a", a},
                                    {"b", b},
                                    {"metric", compare.inputs.at("metric")},
                                    {"classes", labels_.classes}}));
}

std::string StudyContext::inference_record(const Task& infer) {
  const std::string score = score_record(infer);
  if (score.empty()) return "";
  Json inputs = infer.inputs;
  inputs["compare"] = score;
  inputs["group_numbers"] = labels_.groups;
  inputs["class_numbers"] = labels_.classes;
  return score_record_name(hash_of({{"kind", "infer"}, {"inputs", inputs}}));
}

const ModelGraphs& StudyContext::graphs(const ZooModel& model, const GraphView& view) {
  const std::string key =
      fmt::format("{} {}", model.card.key(), conditioning_json(view.conditioning).dump());
  if (const auto known = graphs_.find(key); known != graphs_.end()) return known->second;
  ModelGraphs graphs{model.card.name, modality_name(model.card.modality), rows(), {}};
  for (const auto& name : graph_records(model, view))
    graphs.layers.push_back(read_graph(*store_, name));
  return graphs_[key] = std::move(graphs);
}

const ConditionedModel& StudyContext::conditioned(const ZooModel& model,
                                                  const Conditioning& conditioning) {
  const std::string key =
      fmt::format("{} {}", model.card.key(), conditioning_json(conditioning).dump());
  return recent(conditioned_, key, kConditionedModels, [&] {
    const StoredFeatures features(*store_, feature_key(recipe(model)));
    return condition_model(options_.kernels, features, model.card.name, conditioning);
  });
}

ModelInput StudyContext::input(const ZooModel& model, const MetricSpec& metric) {
  const GraphView* view = view_of(views_, metric, study());
  const bool reads_features = metric_info(metric.name).needs != Needs::graphs;
  return model_input(model.card.name, rows(), view == nullptr ? nullptr : &graphs(model, *view),
                     reads_features
                         ? &conditioned(model, conditioning_for(metric, study().conditioning))
                         : nullptr,
                     labels_);
}

/// Whether every model's features are there and what the grids of all of them keep fits: features
/// in double, and an n x n matrix a layer; a model is in a grid for each other modality.
bool StudyContext::zoo_fits(const MetricSpec& metric) {
  if (!metric_info(metric.name).shared_passes) return false;
  double bytes = 0;
  const auto n = static_cast<double>(rows());
  std::set<models::Modality> modalities;
  for (const auto& model : inputs_.models) {
    modalities.insert(model.card.modality);
    if (!features_complete(*store_, recipe(model))) return false;
    for (const auto& slot : wanted_slots(study().features, model.card))
      bytes += n * (static_cast<double>(slot.width) * 12 + n * 8);
  }
  return bytes * static_cast<double>(modalities.size() - 1) < kZooBytes;
}

ZooGrid& StudyContext::zoo_grid(const MetricSpec& metric, models::Modality a, models::Modality b) {
  auto& zoo = zoo_grids_[{metric_text(metric), a, b}];
  if (zoo) return *zoo;
  const auto members_of = [&](models::Modality modality) {
    std::vector<ZooGrid::Member> members;
    for (const auto& model : inputs_.models) {
      if (model.card.modality != modality) continue;
      const StoredFeatures features(*store_, feature_key(recipe(model)));
      members.push_back(
          {model.card.name, condition_model(options_.kernels, features, model.card.name,
                                            conditioning_for(metric, study().conditioning))});
    }
    return members;
  };
  zoo = std::make_unique<ZooGrid>(options_.kernels, metric, rows(), members_of(a), members_of(b),
                                  labels_);
  return *zoo;
}

PreparedGrid StudyContext::grid(const ZooModel& model_a, const ModelInput& a,
                                const ZooModel& model_b, const ModelInput& b,
                                const MetricSpec& metric) {
  const models::Modality side_a = model_a.card.modality, side_b = model_b.card.modality;
  if (side_a < side_b &&
      (zoo_grids_.contains({metric_text(metric), side_a, side_b}) || zoo_fits(metric)))
    return zoo_grid(metric, side_a, side_b).pair(model_a.card.name, model_b.card.name);
  return prepare_metric(options_.kernels, metric, a, b);
}

const Relabellings& StudyContext::relabellings(const ZooModel& a, const ZooModel& b,
                                               bool within_class) {
  const auto unit = [](const ZooModel& model, const ZooModel& partner) {
    return null_unit(model.card.name, modality_name(model.card.modality),
                     modality_name(partner.card.modality));
  };
  const std::string unit_a = unit(a, b);
  const std::string unit_b = unit(b, a);
  const auto [entry, is_new] = relabellings_.try_emplace({unit_a, unit_b, within_class});
  if (is_new) {
    NullPlan plan{.seed = study().seed, .permutations = study().inference.permutations};
    if (within_class) plan.blocks = labels_.classes;
    entry->second = study().inference.permute == "groups" && !within_class
                        ? draw_group_relabellings(plan, unit_a, unit_b, labels_.groups)
                        : draw_relabellings(plan, unit_a, unit_b, rows());
  }
  return entry->second;
}

const HalfSplits& StudyContext::splits() {
  if (!splits_)
    splits_ = std::make_unique<HalfSplits>(
        draw_half_splits(study().seed, study().inference.splits, rows(), labels_.groups));
  return *splits_;
}

const HalfGraphs* StudyContext::half_graphs(const ZooModel& model, const MetricSpec& metric) {
  const GraphView* view = view_of(views_, metric, study());
  if (view == nullptr) return nullptr;
  const int k = neighbors_needed(metric);
  const std::string key =
      fmt::format("{} {} k={}", model.card.key(), conditioning_json(view->conditioning).dump(), k);
  return &recent(half_graphs_, key, kHalfGraphModels, [&] {
    const StoredFeatures features(*store_, feature_key(recipe(model)));
    return make_half_graphs(options_.kernels, features, graphs(model, *view),
                            graph_request(*this, *view, model), k, splits());
  });
}

}  // namespace consilience::engine
