#include "engine/plan.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "engine/metrics/metric.h"

namespace consilience::engine {
namespace {

bool contains(const std::vector<std::string>& list, const std::string& word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

std::vector<std::string> wanted_poolings(const Study::Features& features,
                                         const models::ModelCard& card) {
  std::vector<std::string> poolings;
  const auto& asked = features.poolings.at(modality_name(card.modality));
  for (const auto& pooling : card.poolings)
    if (contains(asked, pooling)) poolings.push_back(pooling);
  if (poolings.empty() && card.poolings.size() == 1) poolings = card.poolings;
  if (poolings.empty())
    fail(Failure::usage,
         "features.poolings: model '{}' has {}, and none of them was asked for ({})", card.name,
         fmt::join(card.poolings, ", "), fmt::join(asked, ", "));
  return poolings;
}

Json slots_json(const std::vector<FeatureSlot>& slots) {
  Json names = Json::array();
  for (const auto& slot : slots) names.push_back(slot.name());
  return names;
}

size_t position(const std::vector<ZooModel>& models, const std::string& name) {
  for (size_t i = 0; i < models.size(); ++i)
    if (models[i].card.name == name) return i;
  fail(Failure::usage, "metrics.pairs: no model '{}' in the study", name);
}

}  // namespace

Json conditioning_json(const Conditioning& c) {
  return {{"clamp", c.clamp},
          {"clamp_scope", static_cast<int>(c.clamp_scope)},
          {"center", static_cast<int>(c.center)},
          {"scale", static_cast<int>(c.scale)},
          {"zero_rows", static_cast<int>(c.zero_rows)},
          {"similarity", static_cast<int>(c.similarity)}};
}

std::string modality_name(models::Modality modality) {
  return modality == models::Modality::vision ? "vision" : "text";
}

std::vector<FeatureSlot> wanted_slots(const Study::Features& features,
                                      const models::ModelCard& card) {
  std::vector<FeatureSlot> slots;
  const auto poolings = wanted_poolings(features, card);
  for (size_t l = 0; l < card.layers.size(); ++l) {
    const auto& layer = card.layers[l];
    const bool last = l + 1 == card.layers.size();
    if (features.layers == "names" && !contains(features.layer_names, layer.name)) continue;
    if (features.layers == "stride" && l % static_cast<size_t>(features.layer_stride) != 0 && !last)
      continue;
    for (const auto& pooling : poolings) slots.push_back({layer.name, pooling, layer.width});
  }
  if (slots.empty())
    fail(Failure::usage, "features.layers: model '{}' has none of {}", card.name,
         fmt::join(features.layer_names, ", "));
  return slots;
}

std::vector<ModelPair> study_pairs(const Study::Metrics& metrics,
                                   const std::vector<ZooModel>& models) {
  std::vector<ModelPair> pairs;
  if (metrics.pairs == "list") {
    for (const auto& [a, b] : metrics.named_pairs)
      pairs.push_back({position(models, a), position(models, b)});
    return pairs;
  }
  for (size_t i = 0; i < models.size(); ++i) {
    for (size_t j = i + 1; j < models.size(); ++j) {
      const bool cross = models[i].card.modality != models[j].card.modality;
      if (metrics.pairs != "all" && cross != (metrics.pairs == "cross-modal")) continue;
      const bool swap = cross && models[i].card.modality == models::Modality::text;
      pairs.push_back(swap ? ModelPair{j, i} : ModelPair{i, j});
    }
  }
  std::sort(pairs.begin(), pairs.end(),
            [](auto x, auto y) { return std::pair(x.a, x.b) < std::pair(y.a, y.b); });
  return pairs;
}

Plan make_plan(const StudyInputs& in) {
  const Study& study = in.study;
  Plan plan;
  std::vector<std::string> extract_ids, graph_ids;
  for (const auto& model : in.models) {
    Task extract = make_task("extract", "extract " + model.card.name,
                             {{"model", model.card.identity_hash},
                              {"key", model.card.key()},
                              {"data", in.data.hash},
                              {"slots", slots_json(wanted_slots(study.features, model.card))},
                              {"scalars", model.card.scalars},
                              {"compute", study.features.compute},
                              {"store", study.features.store},
                              {"numerics", in.numerics}},
                             {});
    Task graph = make_task(
        "graph", "graphs of " + model.card.name,
        {{"features", extract.id},
         {"key", model.card.key()},
         {"conditioning", conditioning_json(study.conditioning)},
         {"k",
          graph_neighbors(study.metrics.list, static_cast<int64_t>(in.data.valid_rows().size()))},
         {"groups", study.data.group}},
        {extract.id});
    extract_ids.push_back(extract.id);
    graph_ids.push_back(graph.id);
    plan.push_back(std::move(extract));
    plan.push_back(std::move(graph));
  }

  std::vector<std::string> results;
  for (const auto& metric : study.metrics.list) {
    for (const auto pair : study_pairs(study.metrics, in.models)) {
      const auto& a = in.models[pair.a].card;
      const auto& b = in.models[pair.b].card;
      Task compare = make_task("compare", fmt::format("compare {} with {}", a.name, b.name),
                               {{"a", graph_ids[pair.a]},
                                {"b", graph_ids[pair.b]},
                                {"key_a", a.key()},
                                {"key_b", b.key()},
                                {"metric", metric_text(metric)}},
                               {graph_ids[pair.a], graph_ids[pair.b]});
      Task infer =
          make_task("infer", fmt::format("null and interval of {} with {}", a.name, b.name),
                    {{"compare", compare.id},
                     {"key_a", a.key()},
                     {"key_b", b.key()},
                     {"metric", metric_text(metric)},
                     {"seed", study.seed},
                     {"permutations", study.inference.permutations},
                     {"interval", study.inference.interval},
                     {"splits", study.inference.splits},
                     {"groups", study.data.group}},
                    {compare.id, graph_ids[pair.a], graph_ids[pair.b]});
      // Half-graphs make short rows anew, from features.
      if (study.inference.interval != "none")
        infer.needs.insert(infer.needs.end(), {extract_ids[pair.a], extract_ids[pair.b]});
      results.push_back(infer.id);
      plan.push_back(std::move(compare));
      plan.push_back(std::move(infer));
    }
  }

  Json cards = Json::object();
  for (const auto& model : in.models) cards[model.card.key()] = model.card.about;
  if (results.empty())
    fail(Failure::usage,
         "metrics.pairs = \"{}\" leaves no pair among {} model{}: name models of both modalities, "
         "or other pairs",
         study.metrics.pairs, in.models.size(), in.models.size() == 1 ? "" : "s");
  plan.push_back(make_task("report", "report",
                           {{"study", study_json(study)},
                            {"results", results},
                            {"graphs", graph_ids},
                            {"cards", cards},
                            {"data", in.data.hash},
                            {"covariates", in.covariates}},
                           results));
  return plan;
}

}  // namespace consilience::engine
