#include "engine/types/baselines.h"

#include <cmath>
#include <set>
#include <string>

namespace consilience::engine {
namespace {

const ModelSummary* find(std::span<const ModelSummary> models, const std::string& name) {
  for (const auto& model : models)
    if (model.name == name) return &model;
  return nullptr;
}

bool has_role(const ModelSummary* model, const char* role) {
  return model != nullptr && model->role == role;
}

/// Pairs with a value under the metric and conditioning of `trained` whose models fit: fits(name in
/// place of A, name in place of B), asked first because it is cheap. A pair that is stored the
/// other way round counts under the metric's other direction.
template <typename Fits, typename Take>
void each_alike(std::span<const PairResult> pairs, const PairScore& trained, Fits fits, Take take) {
  const MetricSpec turned = from_other_side(trained.metric);
  for (const auto& pair : pairs) {
    const PairScore& score = pair.score;
    if (score.best_a < 0 || std::isnan(score.maximum)) continue;
    const bool alike = (fits(score.model_a, score.model_b) && score.metric == trained.metric) ||
                       (fits(score.model_b, score.model_a) && score.metric == turned);
    if (alike && score.conditioning == trained.conditioning) take(pair);
  }
}

bool is_twin(std::span<const ModelSummary> models, const std::string& name, const std::string& of) {
  const auto* model = find(models, name);
  return has_role(model, "random") && model->twin_of == of;
}

void keep_closer(StandIn& best, const PairResult& pair) {
  const double sign = pair.score.larger_is_closer ? 1 : -1;
  if (best.pair == nullptr || sign * pair.score.maximum > sign * best.value)
    best = {pair.score.maximum, &pair};
}

/// One side as it was, the other a twin of its model.
auto one_side_random(std::span<const ModelSummary> models, const PairScore& trained) {
  return [models, &trained](const std::string& a, const std::string& b) {
    return (a == trained.model_a && is_twin(models, b, trained.model_b)) ||
           (b == trained.model_b && is_twin(models, a, trained.model_a));
  };
}

}  // namespace

StandIn random_baseline(std::span<const ModelSummary> models, std::span<const PairResult> pairs,
                        const PairScore& trained) {
  StandIn best;
  each_alike(pairs, trained, one_side_random(models, trained),
             [&](const PairResult& pair) { keep_closer(best, pair); });
  return best;
}

StandIn trivial_baseline(std::span<const ModelSummary> models, std::span<const PairResult> pairs,
                         const PairScore& trained) {
  const auto modality = [&](const std::string& name) {
    const auto* model = find(models, name);
    return model == nullptr ? std::string() : model->modality;
  };
  const std::string modality_a = modality(trained.model_a), modality_b = modality(trained.model_b);
  const auto is_trivial = [&](const std::string& name, const std::string& of_modality) {
    const auto* model = find(models, name);
    return has_role(model, "trivial") && model->modality == of_modality;
  };
  StandIn best;
  const auto fits = [&](const std::string& a, const std::string& b) {
    const bool keeps_a = a == trained.model_a, keeps_b = b == trained.model_b;
    return !(keeps_a && keeps_b) && (keeps_a || is_trivial(a, modality_a)) &&
           (keeps_b || is_trivial(b, modality_b));
  };
  each_alike(pairs, trained, fits, [&](const PairResult& pair) { keep_closer(best, pair); });
  return best;
}

TwinCount count_twins(std::span<const ModelSummary> models, std::span<const PairResult> pairs,
                      const PairScore& trained) {
  std::set<std::string> of_a, of_b;
  each_alike(pairs, trained, one_side_random(models, trained), [&](const PairResult& pair) {
    for (const auto* name : {&pair.score.model_a, &pair.score.model_b}) {
      if (is_twin(models, *name, trained.model_a)) of_a.insert(*name);
      if (is_twin(models, *name, trained.model_b)) of_b.insert(*name);
    }
  });
  return {static_cast<int>(of_a.size()), static_cast<int>(of_b.size())};
}

}  // namespace consilience::engine
