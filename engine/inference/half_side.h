#pragma once
#include <cstdint>
#include <list>
#include <span>
#include <vector>

#include "engine/inference/half_splits.h"

namespace consilience::engine {

/// One side of a comparison inside one half: its rows of features, labels and lists.
class HalfSide {
 public:
  /// `rows`: of the half; `half`: 2 split + side. k: what the metric reads from graphs, 0: nothing.
  HalfSide(const HalvedModel& model, std::span<const int32_t> rows, size_t half, int k);
  HalfSide(const HalfSide&) = delete;
  HalfSide& operator=(const HalfSide&) = delete;

  [[nodiscard]] const ModelInput& input() const { return input_; }

 private:
  struct Features {
    Matrix<float> x;
    std::vector<double> scale;
  };

  [[nodiscard]] kernels::Conditioned features_of(const kernels::Conditioned& whole,
                                                 std::span<const int32_t> rows);

  ModelInput input_;
  std::list<NeighborGraph> graphs_;  // a list: input_ points into it
  std::list<Features> features_;
  std::vector<int32_t> classes_, groups_;
};

}  // namespace consilience::engine
