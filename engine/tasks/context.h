#pragma once
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "engine/extract/extract.h"
#include "engine/inference/half_splits.h"
#include "engine/inference/permutation_null.h"
#include "engine/plan.h"
#include "engine/store/store.h"
#include "engine/store/stored_features.h"
#include "engine/tasks/model_input.h"
#include "engine/tasks/zoo_grid.h"
#include "engine/types/graph.h"
#include "kernels/base/backend.h"

namespace consilience::engine {

/// How a study is run here; nothing of it can change a result.
struct RunOptions {
  kernels::Context kernels;  // models run on the first of its devices
  bool quiet = false;
};

/// What the tasks of one study share: the resolved inputs, the store, and what they would otherwise
/// read or make again and again.
class StudyContext {
 public:
  StudyContext(StudyInputs inputs, const Store& store, RunOptions options);

  [[nodiscard]] const Study& study() const { return inputs_.study; }
  [[nodiscard]] const StudyInputs& inputs() const { return inputs_; }
  [[nodiscard]] const Store& store() const { return *store_; }
  [[nodiscard]] const kernels::Context& kernels() const { return options_.kernels; }
  [[nodiscard]] const RunOptions& options() const { return options_; }

  /// The model of a task's "key".
  [[nodiscard]] const ZooModel& model(const std::string& key) const;
  /// Numbers for the classes and sibling groups of the valid rows, where the study names fields.
  [[nodiscard]] const SampleLabels& labels() const { return labels_; }
  [[nodiscard]] int64_t rows() const;  // valid ones
  /// The view of a graph task.
  [[nodiscard]] const GraphView& view(const Task& graph) const;
  [[nodiscard]] const GraphView& own_view() const { return views_.front(); }

  /// How a model's rows become batches. Where the numerics class says "auto", that is what the
  /// model's first extraction found and keep_batch() kept under plans/; none before.
  [[nodiscard]] std::optional<BatchPolicy> batch(const ZooModel& model);
  /// A batch that was kept before did not fit: what was extracted with it is dropped.
  void keep_batch(const ZooModel& model, const BatchPolicy& policy);
  [[nodiscard]] bool finds_batches() const;

  /// The recipe of a model's features under this study; the batch is a part of it once found.
  [[nodiscard]] FeatureRecipe recipe(const ZooModel& model);
  /// Digest of a model's features: of the committed chunks, or what was noted when they were
  /// released. "" while they are incomplete.
  [[nodiscard]] std::string features_digest(const ZooModel& model);
  /// Record names of all graphs of a model, in slot order; none while the features are incomplete.
  [[nodiscard]] std::vector<std::string> graph_records(const ZooModel& model,
                                                       const GraphView& view);
  /// The record of a pair's scores, and of their null and interval. "" while an input is missing.
  [[nodiscard]] std::string score_record(const Task& compare);
  [[nodiscard]] std::string inference_record(const Task& infer);

  /// What a metric sees of a model; graphs are read once and kept, conditioned features of a few
  /// models.
  [[nodiscard]] ModelInput input(const ZooModel& model, const MetricSpec& metric);
  /// The metric over the layers of two models: across modalities a part of the whole zoo's grid
  /// where that shares work. It looks into the inputs.
  [[nodiscard]] PreparedGrid grid(const ZooModel& model_a, const ModelInput& a,
                                  const ZooModel& model_b, const ModelInput& b,
                                  const MetricSpec& metric);
  /// Drawn once for all pairs of two units; within classes where the study has them.
  [[nodiscard]] const Relabellings& relabellings(const ZooModel& a, const ZooModel& b,
                                                 bool within_class);
  [[nodiscard]] const HalfSplits& splits();
  /// Made once for a model and kept while room lasts; null where the metric reads no graphs.
  [[nodiscard]] const HalfGraphs* half_graphs(const ZooModel& model, const MetricSpec& metric);

 private:
  [[nodiscard]] Json feature_inputs(const ZooModel& model) const;
  [[nodiscard]] std::string batch_record(const ZooModel& model) const;
  [[nodiscard]] bool zoo_fits(const MetricSpec& metric);
  /// Of two modalities, in the order vision, text, audio.
  [[nodiscard]] ZooGrid& zoo_grid(const MetricSpec& metric, models::Modality a, models::Modality b);
  [[nodiscard]] Json score_inputs(const ZooModel& model, const MetricSpec& metric);
  [[nodiscard]] const ModelGraphs& graphs(const ZooModel& model, const GraphView& view);
  [[nodiscard]] const ConditionedModel& conditioned(const ZooModel& model,
                                                    const Conditioning& conditioning);

  StudyInputs inputs_;
  const Store* store_;
  RunOptions options_;
  SampleLabels labels_;
  std::vector<GraphView> views_;
  std::unordered_map<std::string, const ZooModel*> by_key_;
  std::unordered_map<std::string, BatchPolicy> batches_;
  std::unordered_map<std::string, std::string> digests_;
  std::unordered_map<std::string, ModelGraphs> graphs_;
  std::list<std::pair<std::string, ConditionedModel>> conditioned_;  // the one used last in front
  std::list<std::pair<std::string, HalfGraphs>> half_graphs_;        // the one used last in front
  std::map<std::tuple<std::string, std::string, bool>, Relabellings> relabellings_;
  /// By metric and modalities.
  std::map<std::tuple<std::string, models::Modality, models::Modality>, std::unique_ptr<ZooGrid>>
      zoo_grids_;
  std::unique_ptr<HalfSplits> splits_;
};

}  // namespace consilience::engine
