#pragma once
#include <string>
#include <vector>

#include "engine/graphs/condition_layer.h"
#include "engine/inference/half_splits.h"
#include "engine/metrics/metric_input.h"
#include "engine/types/features.h"

namespace consilience::engine::selftest {

inline constexpr int kNeighbors = 10;

/// Simulated features with their graphs and conditioned features, as a study has them by default.
class Model : public FeatureView {
 public:
  Model(std::string name, std::vector<Matrix<float>> layers);
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  /// Graphs alone.
  [[nodiscard]] const ModelInput& input() const { return input_; }
  /// One layer, with its features.
  [[nodiscard]] ModelInput layer(size_t l) const;
  [[nodiscard]] HalfGraphs halves(const HalfSplits& splits, int k = kNeighbors) const;

  [[nodiscard]] int64_t rows() const override { return layers_[0].rows(); }
  [[nodiscard]] const std::vector<FeatureSlot>& slots() const override { return slots_; }
  void read(int64_t slot, int64_t begin, int64_t end, MatrixView<float> out) const override;
  [[nodiscard]] std::string digest() const override { return "simulated"; }

 private:
  std::vector<Matrix<float>> layers_;
  std::vector<FeatureSlot> slots_;
  ModelGraphs graphs_;
  std::vector<ConditionedLayer> conditioned_;
  ModelInput input_;
};

}  // namespace consilience::engine::selftest
