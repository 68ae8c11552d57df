#pragma once
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/graphs/build_graphs.h"
#include "engine/graphs/condition_layer.h"
#include "engine/metrics/metric.h"
#include "engine/metrics/preprocess.h"
#include "engine/metrics/score_pair.h"
#include "tests/support/memory_features.h"

namespace consilience::testing {

/// One side of a comparison from matrices in memory: conditioned features and graphs of all layers,
/// as this metric wants them.
class MetricSide {
 public:
  MetricSide(std::string name, std::vector<Matrix<float>> layers, const engine::MetricSpec& metric,
             const engine::Conditioning& given = {}, kernels::Context context = {})
      : features_(std::make_unique<MemoryFeatures>(std::move(layers))) {
    const auto conditioning = engine::conditioning_for(metric, given);
    const auto clamp = engine::fit_clamp(context, *features_, name, conditioning);
    input_.model = name;
    input_.rows = features_->rows();
    const int k = engine::neighbors_needed(metric);
    const auto slots = std::ssize(features_->slots());
    for (int64_t s = 0; s < slots; ++s) {
      conditioned_.push_back(std::make_unique<engine::ConditionedLayer>(
          engine::condition_layer(context, *features_, s, name, conditioning, clamp)));
      if (k > 0)
        graphs_.push_back(std::make_unique<engine::LayerGraph>(engine::build_layer_graph(
            context, *features_, s, {name, conditioning, k, 0, {}}, clamp)));
      input_.layers.push_back({.name = features_->slots()[static_cast<size_t>(s)].name(),
                               .reason = conditioned_.back()->reason,
                               .graph = k > 0 ? &graphs_.back()->graph : nullptr,
                               .features = conditioned_.back()->view()});
    }
  }

  [[nodiscard]] const engine::ModelInput& input() const { return input_; }
  [[nodiscard]] engine::ModelInput& input() { return input_; }

 private:
  std::unique_ptr<MemoryFeatures> features_;
  std::vector<std::unique_ptr<engine::ConditionedLayer>> conditioned_;
  std::vector<std::unique_ptr<engine::LayerGraph>> graphs_;
  engine::ModelInput input_;
};

/// One number for one pair of layers; NaN where undefined.
inline double score(const engine::MetricSpec& metric, const Matrix<float>& x,
                    const Matrix<float>& y, const engine::Conditioning& given = {}) {
  const MetricSide a("a", {x}, metric, given);
  const MetricSide b("b", {y}, metric, given);
  const bool one = engine::metric_info(metric.name).spaces == 1;
  const engine::ModelInput none{
      .model = "none", .rows = x.rows(), .layers = {}, .classes = {}, .groups = {}};
  return engine::prepare_metric({}, metric, a.input(), one ? none : b.input()).values({})(0, 0);
}
inline double score(const std::string& metric, const Matrix<float>& x, const Matrix<float>& y,
                    const engine::Conditioning& given = {}) {
  return score(engine::parse_metric(metric), x, y, given);
}

}  // namespace consilience::testing
