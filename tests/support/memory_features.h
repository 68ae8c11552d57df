#pragma once
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "engine/types/features.h"

namespace consilience::testing {

/// Features in memory; slots are named block_0/mean, block_1/mean .. unless told otherwise.
class MemoryFeatures : public engine::FeatureView {
 public:
  explicit MemoryFeatures(std::vector<Matrix<float>> layers) : layers_(std::move(layers)) {
    for (size_t l = 0; l < layers_.size(); ++l)
      slots_.push_back({"block_" + std::to_string(l), "mean", layers_[l].cols()});
  }
  [[nodiscard]] int64_t rows() const override { return layers_.empty() ? 0 : layers_[0].rows(); }
  [[nodiscard]] const std::vector<engine::FeatureSlot>& slots() const override { return slots_; }
  void read(int64_t slot, int64_t begin, int64_t end, MatrixView<float> out) const override {
    for (int64_t i = begin; i < end; ++i)
      std::ranges::copy(layers_[static_cast<size_t>(slot)].row(i), out.row(i - begin).begin());
  }
  [[nodiscard]] std::string digest() const override { return "memory"; }

  void set_pooling(size_t slot, const std::string& pooling) { slots_[slot].pooling = pooling; }

 private:
  std::vector<Matrix<float>> layers_;
  std::vector<engine::FeatureSlot> slots_;
};

}  // namespace consilience::testing
