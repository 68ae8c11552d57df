#include "engine/plan.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "engine/base/nearest.h"
#include "engine/metrics/metric.h"
#include "engine/metrics/preprocess.h"

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

/// A pooling that no model has is a typing error, which other poolings must not hide.
void check_poolings(const Study::Features& features, const std::vector<ZooModel>& models) {
  std::vector<std::string> known;
  bool choice = false;
  for (const auto& model : models) {
    choice = choice || model.card.poolings.size() > 1;
    for (const auto& pooling : model.card.poolings)
      if (!contains(known, pooling)) known.push_back(pooling);
  }
  if (!choice) return;
  for (const auto& model : models)
    for (const auto& asked : features.poolings.at(modality_name(model.card.modality)))
      if (!contains(known, asked))
        fail(Failure::usage, "features.poolings: no model of the study has \"{}\"{}; they have {}",
             asked, did_you_mean(asked, known), fmt::join(known, ", "));
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

Task graph_task(const Study& study, const ZooModel& model, const GraphView& view,
                const std::string& extract_id) {
  const bool own = view.conditioning == study.conditioning;
  return make_task(
      "graph",
      fmt::format("graphs of {}{}", model.card.name, own ? "" : ", " + describe(view.conditioning)),
      {{"features", extract_id},
       {"key", model.card.key()},
       {"conditioning", conditioning_json(view.conditioning)},
       {"k", view.k},
       {"groups", study.data.group}},
      {extract_id});
}

}  // namespace

std::vector<GraphView> graph_views(const Study& study, int64_t rows) {
  std::vector<std::pair<Conditioning, std::vector<MetricSpec>>> users = {{study.conditioning, {}}};
  for (const auto& metric : study.metrics.list) {
    if (neighbors_needed(metric) == 0) continue;
    const Conditioning wanted = conditioning_for(metric, study.conditioning);
    auto found = std::ranges::find_if(users, [&](const auto& u) { return u.first == wanted; });
    if (found == users.end()) found = users.insert(users.end(), {wanted, {}});
    found->second.push_back(metric);
  }
  if (users.front().second.empty()) users.front().second.push_back(MetricSpec{});
  std::vector<GraphView> views;
  for (const auto& [conditioning, metrics] : users)
    views.push_back({conditioning, graph_neighbors(metrics, rows)});
  return views;
}

const GraphView* view_of(const std::vector<GraphView>& views, const MetricSpec& metric,
                         const Study& study) {
  if (neighbors_needed(metric) == 0) return nullptr;
  const Conditioning wanted = conditioning_for(metric, study.conditioning);
  return &*std::ranges::find_if(views, [&](const auto& v) { return v.conditioning == wanted; });
}

Json conditioning_json(const Conditioning& c) {
  return {{"clamp", c.clamp},
          {"clamp_scope", static_cast<int>(c.clamp_scope)},
          {"center", static_cast<int>(c.center)},
          {"scale", static_cast<int>(c.scale)},
          {"zero_rows", static_cast<int>(c.zero_rows)},
          {"similarity", static_cast<int>(c.similarity)}};
}

std::string modality_name(models::Modality modality) {
  const char* names[] = {"vision", "text", "audio"};
  return names[static_cast<size_t>(modality)];
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
      const bool swap = models[j].card.modality < models[i].card.modality;
      pairs.push_back(swap ? ModelPair{j, i} : ModelPair{i, j});
    }
  }
  std::sort(pairs.begin(), pairs.end(),
            [](auto x, auto y) { return std::pair(x.a, x.b) < std::pair(y.a, y.b); });
  return pairs;
}

std::string compute_of(const Study::Features& features, const models::ModelCard& card) {
  return features.compute == "card" ? card.compute : features.compute;
}

Plan make_plan(const StudyInputs& in) {
  const Study& study = in.study;
  check_poolings(study.features, in.models);
  Plan plan;
  const auto views = graph_views(study, static_cast<int64_t>(in.data.valid_rows().size()));
  std::vector<std::string> extract_ids;
  std::vector<std::vector<std::string>> graph_ids;  // [model][view]
  for (const auto& model : in.models) {
    Task extract = make_task("extract", "extract " + model.card.name,
                             {{"model", model.card.identity_hash},
                              {"key", model.card.key()},
                              {"data", in.data.hash},
                              {"slots", slots_json(wanted_slots(study.features, model.card))},
                              {"scalars", model.card.scalars},
                              {"compute", compute_of(study.features, model.card)},
                              {"store", study.features.store},
                              {"numerics", in.numerics}},
                             {});
    extract_ids.push_back(extract.id);
    plan.push_back(std::move(extract));
    std::vector<std::string> ids;
    for (const auto& view : views) {
      plan.push_back(graph_task(study, model, view, extract_ids.back()));
      ids.push_back(plan.back().id);
    }
    graph_ids.push_back(std::move(ids));
  }

  std::vector<std::string> results;
  for (const auto& metric : study.metrics.list) {
    const GraphView* view = view_of(views, metric, study);
    const bool reads_features = metric_info(metric.name).needs != Needs::graphs;
    for (const auto pair : study_pairs(study.metrics, in.models)) {
      const auto& a = in.models[pair.a].card;
      const auto& b = in.models[pair.b].card;
      const auto inputs_of = [&](size_t model) {
        std::vector<std::string> ids;
        if (view != nullptr) ids.push_back(graph_ids[model][static_cast<size_t>(view - &views[0])]);
        if (reads_features) ids.push_back(extract_ids[model]);
        return ids;
      };
      std::vector<std::string> needs = inputs_of(pair.a);
      for (auto& id : inputs_of(pair.b)) needs.push_back(id);
      Task compare = make_task("compare", fmt::format("compare {} with {}", a.name, b.name),
                               {{"a", inputs_of(pair.a)},
                                {"b", inputs_of(pair.b)},
                                {"key_a", a.key()},
                                {"key_b", b.key()},
                                {"classes", study.data.class_field},
                                {"metric", metric_text(metric)}},
                               needs);
      Task infer =
          make_task("infer", fmt::format("null and interval of {} with {}", a.name, b.name),
                    {{"compare", compare.id},
                     {"key_a", a.key()},
                     {"key_b", b.key()},
                     {"metric", metric_text(metric)},
                     {"seed", study.seed},
                     {"permutations", study.inference.permutations},
                     {"permute", study.inference.permute},
                     {"interval", study.inference.interval},
                     {"splits", study.inference.splits},
                     {"quantile", "student"},
                     {"alpha", study.inference.alpha},
                     {"costly", study.inference.costly},
                     {"groups", study.data.group},
                     {"classes", study.data.class_field}},
                    needs);
      infer.needs.push_back(compare.id);
      // Half-graphs make short rows anew, from features.
      if (study.inference.interval == "half-splits" && !reads_features)
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
         "metrics.pairs = \"{}\" leaves no pair among {} model{}: name models of two "
         "modalities, or other pairs",
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
