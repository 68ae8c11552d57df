#include "engine/curves/build_curves.h"

#include <algorithm>
#include <utility>

#include "engine/types/baselines.h"
#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

std::vector<std::string> trained_families(std::span<const ModelSummary> models) {
  std::vector<std::string> families;
  for (const auto& model : models) {
    if (model.role == "trained" && std::ranges::find(families, model.family) == families.end())
      families.push_back(model.family);
  }
  return families;
}

std::vector<MetricSpec> metrics_of(std::span<const PairResult> pairs) {
  std::vector<MetricSpec> metrics;
  for (const auto& pair : pairs)
    if (std::ranges::find(metrics, pair.score.metric) == metrics.end())
      metrics.push_back(pair.score.metric);
  return metrics;
}

const PairResult* find_pair(std::span<const PairResult> pairs, const MetricSpec& metric,
                            const std::string& one, const std::string& other) {
  const auto found = std::ranges::find_if(pairs, [&](const PairResult& pair) {
    const PairScore& score = pair.score;
    return score.metric == metric && score.best_a >= 0 &&
           ((score.model_a == one && score.model_b == other) ||
            (score.model_a == other && score.model_b == one));
  });
  return found == pairs.end() ? nullptr : &*found;
}

CurvePoint make_point(std::span<const ModelSummary> models, std::span<const PairResult> pairs,
                      const PairResult& pair, const std::string& model, const std::string& partner,
                      double x) {
  return {.model = model,
          .partner = partner,
          .x = x,
          .value = pair.score.maximum,
          .lo = pair.inference.lo,
          .hi = pair.inference.hi,
          .null_mean = pair.inference.null_mean,
          .random_twin = random_baseline(models, pairs, pair.score).value};
}

}  // namespace

std::map<std::string, double> summary_numbers(std::span<const ModelSummary> models,
                                              const std::string& x_name) {
  if (x_name != "params" && x_name != "resolution")
    fail(Failure::usage,
         "no number '{}' in the models' summaries to draw curves against; known: params, "
         "resolution",
         x_name);
  std::map<std::string, double> numbers;
  for (const auto& model : models) {
    const double x = x_name == "params" ? model.parameters : model.resolution;
    if (x != 0) numbers[model.name] = x;
  }
  return numbers;
}

std::vector<Curve> build_curves(std::span<const ModelSummary> models,
                                std::span<const PairResult> pairs, const std::string& x_name,
                                const std::map<std::string, double>& x) {
  std::vector<Curve> curves;
  for (const auto& metric : metrics_of(pairs))
    for (const auto& family : trained_families(models)) {
      for (const auto& partner : models) {
        if (partner.role != "trained") continue;
        Curve curve{x_name, family, partner.name, {}, metric};
        for (const auto& model : models) {
          if (model.role != "trained" || model.family != family) continue;
          const auto place = x.find(model.name);
          const PairResult* pair = find_pair(pairs, metric, model.name, partner.name);
          if (pair == nullptr || place == x.end()) continue;
          curve.points.push_back(
              make_point(models, pairs, *pair, model.name, partner.name, place->second));
        }
        std::ranges::stable_sort(curve.points, {}, &CurvePoint::x);
        if (!curve.points.empty()) curves.push_back(std::move(curve));
      }
    }
  return curves;
}

std::vector<Curve> build_curves(std::span<const ModelSummary> models,
                                std::span<const PairResult> pairs, const std::string& x_name) {
  return build_curves(models, pairs, x_name, summary_numbers(models, x_name));
}

}  // namespace consilience::engine
