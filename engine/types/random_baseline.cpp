#include "engine/types/random_baseline.h"

namespace consilience::engine {
namespace {

bool is_twin(std::span<const ModelSummary> models, const std::string& name, const std::string& of) {
  for (const auto& model : models) {
    if (model.name == name) return model.role == "random" && model.twin_of == of;
  }
  return false;
}

/// One side trained, the other a twin of the other trained model.
bool one_side_random(std::span<const ModelSummary> models, const PairScore& score,
                     const std::string& a, const std::string& b) {
  return (score.model_a == a && is_twin(models, score.model_b, b)) ||
         (score.model_b == b && is_twin(models, score.model_a, a));
}

}  // namespace

RandomBaseline random_baseline(std::span<const ModelSummary> models,
                               std::span<const PairResult> pairs, const PairScore& trained) {
  RandomBaseline best;
  for (const auto& pair : pairs) {
    const PairScore& score = pair.score;
    if (score.metric != trained.metric || score.best_a < 0) continue;
    if (!one_side_random(models, score, trained.model_a, trained.model_b) &&
        !one_side_random(models, score, trained.model_b, trained.model_a))
      continue;
    if (best.model_a.empty() || score.maximum > best.value)
      best = {score.maximum, score.model_a, score.model_b};
  }
  return best;
}

}  // namespace consilience::engine
