#pragma once
#include <string>
#include <vector>

#include "engine/schedule/task.h"
#include "engine/study.h"
#include "engine/types/data_set.h"
#include "engine/types/features.h"
#include "engine/zoo.h"

namespace consilience::engine {

/// The tensors that a study keeps of a model: the layers and poolings that it asks for, as far as
/// the model has them. A model with a single pooling (convolution nets: "mean") always gives that
/// one. Throws Error(usage) when nothing is left or a named layer exists in no model.
[[nodiscard]] std::vector<FeatureSlot> wanted_slots(const Study::Features& features,
                                                    const models::ModelCard& card);

/// "f32", "bf16" or "f16": the precision that a model runs in, part of what its features are named
/// by.
[[nodiscard]] std::string compute_of(const Study::Features& features,
                                     const models::ModelCard& card);

struct ModelPair {
  size_t a = 0, b = 0;  // positions in the models of the plan
};

/// The pairs that `pairs` of [metrics] means; across modalities a is of the one that comes first in
/// vision, text, audio. Order: by a, then b.
[[nodiscard]] std::vector<ModelPair> study_pairs(const Study::Metrics& metrics,
                                                 const std::vector<ZooModel>& models);

/// One way to condition features for graphs, and the neighbours a row that its metrics read.
struct GraphView {
  Conditioning conditioning;
  int k = 0;
};
/// The ways that a study's metrics ask for. The first is the study's own, which is always made: the
/// report's facts about layers come from it.
[[nodiscard]] std::vector<GraphView> graph_views(const Study& study, int64_t rows);
/// The view that a metric reads, or null where it needs no graphs.
[[nodiscard]] const GraphView* view_of(const std::vector<GraphView>& views,
                                       const MetricSpec& metric, const Study& study);

/// Everything that a study is made of once names are resolved.
struct StudyInputs {
  Study study;
  std::vector<ZooModel> models;
  DataSet data;
  Json numerics;    // numerics class of extraction
  Json covariates;  // model -> {column: number}; what curves may use
};

/// The tasks of a study, the same list every time for the same inputs. Inputs name models by key,
/// so that a task can be found again in StudyInputs.
[[nodiscard]] Plan make_plan(const StudyInputs& inputs);

/// Every key of the conditioning, for hashes.
[[nodiscard]] Json conditioning_json(const Conditioning& conditioning);

/// "vision", "text" or "audio".
[[nodiscard]] std::string modality_name(models::Modality modality);

}  // namespace consilience::engine
