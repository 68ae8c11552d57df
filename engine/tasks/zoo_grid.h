#pragma once
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "engine/metrics/prepared_grid.h"
#include "engine/tasks/model_input.h"
#include "engine/types/metric_spec.h"

namespace consilience::engine {

/// One metric over all layers of all models of two modalities at once: each layer's matrix is made
/// once, and a relabelling that all pairs share is one gather and one product for the whole zoo.
class ZooGrid {
 public:
  /// One model with its features.
  struct Member {
    std::string name;
    ConditionedModel features;
  };
  ZooGrid(const kernels::Context& context, const MetricSpec& metric, int64_t rows,
          std::vector<Member> side_a, std::vector<Member> side_b, const SampleLabels& labels);
  ZooGrid(const ZooGrid&) = delete;
  ZooGrid& operator=(const ZooGrid&) = delete;

  /// The part of two models, as if it had been prepared alone; it looks into this object. Its
  /// values() keep what was computed for a relabelling, told apart by where it stands in memory.
  [[nodiscard]] PreparedGrid pair(const std::string& model_a, const std::string& model_b);

 private:
  struct Block {
    int64_t first = 0, layers = 0;
  };

  [[nodiscard]] const Matrix<double>& values(std::span<const int32_t> relabelling);

  std::vector<Member> members_a_, members_b_;
  ModelInput a_, b_;
  std::map<std::string, Block> blocks_a_, blocks_b_;
  PreparedGrid grid_;
  std::mutex guard_;
  std::map<const int32_t*, Matrix<double>> known_;
};

}  // namespace consilience::engine
