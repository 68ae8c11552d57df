#pragma once
#include <list>
#include <string>
#include <utility>

#include "engine/graphs/build_graphs.h"
#include "engine/inference/half_splits.h"
#include "engine/tasks/model_input.h"
#include "engine/types/metric_spec.h"

namespace consilience::engine {

/// Features in memory under every conditioning that metrics ask for; graphs and conditioned layers
/// are made once and kept.
class ViewSide {
 public:
  /// `labels` must outlive the side. `metrics`: all that will be asked for, so that one graph
  /// serves every k. Without halves lists are no longer than that k.
  ViewSide(const kernels::Context& context, std::string name, const FeatureView& features,
           const SampleLabels& labels, const Conditioning& given,
           const std::vector<MetricSpec>& metrics, bool with_halves = true);
  ViewSide(const ViewSide&) = delete;
  ViewSide& operator=(const ViewSide&) = delete;

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const FeatureView& features() const { return *features_; }
  /// What a metric sees; it looks into this object.
  [[nodiscard]] ModelInput input(const MetricSpec& metric);
  [[nodiscard]] const ModelGraphs& graphs(const MetricSpec& metric);
  /// Half-graphs for the metric's k, or nothing where it reads no graphs.
  [[nodiscard]] const HalfGraphs* half_graphs(const MetricSpec& metric, const HalfSplits& splits);

 private:
  [[nodiscard]] GraphRequest request(const Conditioning& conditioning) const;

  kernels::Context context_;
  std::string name_;
  const FeatureView* features_;
  const SampleLabels* labels_;
  Conditioning given_;
  std::vector<MetricSpec> metrics_;
  bool with_halves_;
  std::list<std::pair<Conditioning, ConditionedModel>>
      conditioned_;  // lists: inputs look into them
  std::list<std::pair<Conditioning, ModelGraphs>> graphs_;
  std::list<std::pair<std::string, HalfGraphs>> halves_;
};

/// What a metric compares: both sides, or of one space the side that its `of` names and an empty
/// one.
struct ComparedSides {
  ViewSide* first = nullptr;
  ViewSide* second = nullptr;  // null: of one space
  ModelInput a, b;
};
[[nodiscard]] ComparedSides compared_sides(const MetricSpec& metric, ViewSide& a, ViewSide& b);

}  // namespace consilience::engine
