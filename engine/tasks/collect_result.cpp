#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "engine/audio/waveform.h"
#include "engine/covariates.h"
#include "engine/curves/build_curves.h"
#include "engine/inference/ladder.h"
#include "engine/inference/multiple_testing.h"
#include "engine/metrics/metric.h"
#include "engine/store/scores.h"
#include "engine/tasks/capability.h"
#include "engine/tasks/records.h"
#include "engine/tasks/tasks.h"
#include "engine/tasks/token_record.h"

namespace consilience::engine {
namespace {

std::string role_name(models::Role role) {
  switch (role) {
    case models::Role::trained:
      return "trained";
    case models::Role::random:
      return "random";
    case models::Role::trivial:
      return "trivial";
  }
  return "";
}

ModelSummary summarise(const ZooModel& model, int64_t layers) {
  const models::ModelCard& card = model.card;
  const auto number = [&](const char* key) {
    const auto found = card.numbers.find(key);
    return found == card.numbers.end() ? 0.0 : found->second;
  };
  const auto text = [&](const char* key) {
    const auto found = card.about.find(key);
    return found != card.about.end() && found->is_string() ? found->get<std::string>() : "";
  };
  return {.name = card.name,
          .modality = modality_name(card.modality),
          .family = card.family,
          .role = role_name(card.role),
          .twin_of = card.twin_of,
          .identity_hash = card.identity_hash,
          .parameters = number("parameters"),
          .resolution = number("resolution"),
          .layers = layers,
          .supervised_on = text("supervised_on"),
          .quantised_from = dequantised_from(card),
          .derived = text("derived"),
          .licence = text("licence"),
          .source = text("source"),
          .notes = text("notes")};
}

std::vector<LayerSummary> layer_summaries(StudyContext& context, const ZooModel& model) {
  const std::string name =
      facts_name(context, context.own_view(), feature_key(context.recipe(model)),
                 context.features_digest(model));
  std::vector<LayerSummary> layers;
  const Json record = context.store().read_record(name);
  for (const auto& layer : record.at("layers")) {
    LayerSummary summary;
    summary.model = model.card.name;
    layer.at("layer").get_to(summary.layer);
    layer.at("pooling").get_to(summary.pooling);
    layer.at("width").get_to(summary.width);
    layer.at("reason").get_to(summary.reason);
    layer.at("clamp_threshold").get_to(summary.facts.clamp_threshold);
    layer.at("clamp_off_sparse").get_to(summary.facts.clamp_off_sparse);
    layer.at("exact_duplicates").get_to(summary.facts.exact_duplicates);
    layer.at("max_in_degree").get_to(summary.facts.max_in_degree);
    layer.at("rows_with_ties").get_to(summary.facts.rows_with_ties);
    layer.at("facts_k").get_to(summary.facts.facts_k);
    layers.push_back(std::move(summary));
  }
  return layers;
}

DataSummary summarise(const DataSet& data) {
  DataSummary summary{.name = data.name,
                      .hash = data.hash,
                      .rows = data.rows(),
                      .valid_rows = static_cast<int64_t>(data.valid_rows().size()),
                      .bad = {}};
  std::set<std::string> classes;
  for (const auto& sample : data.samples)
    if (!sample.class_id.empty()) classes.insert(sample.class_id);
  summary.classes = static_cast<int64_t>(classes.size());
  for (const auto& bad : data.bad) summary.bad.emplace_back(bad.id, bad.reason);
  return summary;
}

/// The fewest random-weights twins that a trained model of the study has.
int fewest_twins(const std::vector<ZooModel>& models) {
  int fewest = -1;
  for (const auto& model : models) {
    if (model.card.role != models::Role::trained) continue;
    const int twins =
        static_cast<int>(std::count_if(models.begin(), models.end(), [&](const auto& other) {
          return other.card.twin_of == model.card.name;
        }));
    fewest = fewest < 0 ? twins : std::min(fewest, twins);
  }
  return std::max(fewest, 0);
}

double seconds_heard(const models::AudioRecipe& audio) {
  return static_cast<double>(audio.max_samples) / audio.sample_rate;
}

/// Valid recordings that are longer than a model takes.
int64_t cut_recordings(const DataSet& data, const models::AudioRecipe& audio) {
  return std::ranges::count_if(data.valid_rows(), [&](int64_t row) {
    const RecordingSize& size = data.recordings[static_cast<size_t>(row)];
    return resampled_length(size, audio.sample_rate) > audio.max_samples;
  });
}

/// "batching pictures=4,tokens=1024, device cpu, isa avx512_bf16, ..."
std::string describe_numerics(const Json& numerics) {
  std::vector<std::string> parts;
  for (const auto& [name, value] : numerics.items())
    parts.push_back(name + " " + (value.is_string() ? value.get<std::string>() : value.dump()));
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::vector<std::pair<std::string, std::string>> settings(const StudyContext& context) {
  const Study& study = context.study();
  std::vector<std::string> metrics, poolings;
  for (const auto& metric : study.metrics.list) metrics.push_back(metric_text(metric));
  for (const auto& [modality, names] : study.features.poolings) {
    const auto is_of = [&](const auto& m) { return modality_name(m.card.modality) == modality; };
    if (std::ranges::none_of(context.inputs().models, is_of)) continue;
    poolings.push_back(fmt::format("{}: {}", modality, fmt::join(names, ", ")));
  }
  std::vector<std::pair<std::string, std::string>> out = {
      {"metric", fmt::format("{}", fmt::join(metrics, ", "))},
      {"conditioning", describe(study.conditioning)},
      {"pairs", study.metrics.pairs},
      {"layers", study.features.layers == "names"
                     ? fmt::format("{}", fmt::join(study.features.layer_names, ", "))
                 : study.features.layers == "stride"
                     ? fmt::format("every {}th, and the last", study.features.layer_stride)
                     : "all"},
      {"poolings", fmt::format("{}", fmt::join(poolings, "; "))},
      {"permutations", fmt::format("{}", study.inference.permutations)},
      {"significance level", fmt::format("{}", study.inference.alpha)},
      {"interval",
       study.inference.interval == "none"
           ? "none"
           : fmt::format("{} ({}), 95 %", study.inference.interval, study.inference.splits)},
      {"seed", fmt::format("{}", study.seed)},
      {"precision", precision_text(context)},
  };
  if (!study.data.group.empty())
    out.emplace_back("siblings", fmt::format("rows of one {} are no neighbours", study.data.group));
  out.emplace_back("numerics class", describe_numerics(context.inputs().numerics));
  return out;
}

bool is_trained(const StudyResult& result, const std::string& name) {
  return std::ranges::find(result.models, name, &ModelSummary::name)->role == "trained";
}

bool both_trained(const StudyResult& result, const PairResult& pair) {
  return is_trained(result, pair.score.model_a) && is_trained(result, pair.score.model_b);
}

/// p over all trained pairs and metrics of the study together.
void adjust_for_many_pairs(StudyResult& result) {
  std::vector<PairInference*> family;
  std::vector<double> p;
  std::vector<FamilyMember> members;
  for (auto& pair : result.pairs) {
    if (!both_trained(result, pair) || pair.inference.null_maxima.empty()) continue;
    family.push_back(&pair.inference);
    p.push_back(pair.inference.p);
    members.push_back(
        {pair.score.maximum, pair.inference.null_maxima, pair.score.larger_is_closer});
  }
  if (family.empty()) return;
  const auto adjusted = benjamini_hochberg(p);
  const auto family_wise = family_wise_p(members);
  for (size_t i = 0; i < family.size(); ++i) {
    family[i]->p_bh = adjusted[i];
    family[i]->p_fwer = family_wise[i];
  }
}

}  // namespace

std::string precision_text(const StudyContext& context) {
  const Study::Features& features = context.study().features;
  if (features.compute != "card")
    return fmt::format("computed in {}, kept in {}", features.compute, features.store);
  std::vector<std::string> models;
  for (const auto& model : context.inputs().models)
    models.push_back(model.card.name + " in " + compute_of(features, model.card));
  return fmt::format("computed as the cards say ({}), kept in {}", fmt::join(models, ", "),
                     features.store);
}

StudyResult collect_result(StudyContext& context) {
  const StudyInputs& inputs = context.inputs();
  StudyResult result;
  result.name = context.study().name;
  result.settings = settings(context);
  result.data = summarise(inputs.data);
  result.twins = fewest_twins(inputs.models);
  result.permutations = context.study().inference.permutations;
  const auto bits = bits_per_byte(context);
  for (const auto& model : inputs.models) {
    const auto layers = layer_summaries(context, model);
    ModelSummary& summary =
        result.models.emplace_back(summarise(model, static_cast<int64_t>(layers.size())));
    if (const auto found = bits.find(model.card.name);
        found != bits.end() && !std::isnan(found->second))
      summary.bits_per_byte = found->second;
    if (model.card.tokens) {
      summary.max_tokens = model.card.tokens->max_tokens;
      summary.truncated = truncated_captions(context.store(), inputs.data, model);
    }
    if (model.card.audio) {
      summary.max_seconds = seconds_heard(*model.card.audio);
      summary.truncated = cut_recordings(inputs.data, *model.card.audio);
    }
    result.layers.insert(result.layers.end(), layers.begin(), layers.end());
  }
  for (const auto& task : make_plan(inputs)) {
    if (task.kind != "infer") continue;
    result.pairs.push_back({read_score(context.store(), context.score_record(task)),
                            read_inference(context.store(), context.inference_record(task))});
  }
  for (const auto& metric : context.study().metrics.list) {
    const MetricInfo& info = metric_info(metric.name);
    result.metrics.push_back({std::string(info.name), std::string(info.summary),
                              std::string(info.formula), std::string(info.chance),
                              std::string(info.pitfalls), std::string(info.source)});
  }
  adjust_for_many_pairs(result);
  for (const auto& pair : result.pairs)
    if (pair.score.metric == context.study().metrics.list.front() && both_trained(result, pair))
      result.ladders.push_back(
          make_ladder(result, pair, {.alpha = context.study().inference.alpha}));
  for (const auto& x : context.study().curves.x) {
    auto numbers = curve_numbers(x, inputs.models, inputs.covariates, bits);
    std::erase_if(numbers, [](const auto& number) { return std::isnan(number.second); });
    auto curves = build_curves(result.models, result.pairs, x, numbers);
    result.curves.insert(result.curves.end(), curves.begin(), curves.end());
  }
  return result;
}

TaskTable task_table(StudyContext& context) {
  const auto bind = [&context](auto function) {
    return [&context, function](const Task& task) { return function(context, task); };
  };
  return {{"extract", {bind(extract_done), bind(run_extract), bind(release_features)}},
          {"graph", {bind(graph_done), bind(run_graph), bind(release_graphs)}},
          {"compare", {bind(compare_done), bind(run_compare)}},
          {"infer", {bind(infer_done), bind(run_infer)}},
          {"report", {bind(report_done), bind(run_report)}}};
}

}  // namespace consilience::engine
