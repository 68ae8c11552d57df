#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "engine/store/feature_recipe.h"
#include "engine/store/store.h"
#include "engine/types/features.h"

namespace consilience::engine {

/// The valid rows of a recipe's committed chunks, mapped.
class StoredFeatures : public FeatureView {
 public:
  /// Throws Error(never) naming the record when a chunk is missing, or its range, tensors, types or
  /// mask disagree with the manifest.
  StoredFeatures(const Store& store, const std::string& key);

  [[nodiscard]] int64_t rows() const override { return static_cast<int64_t>(valid_.size()); }
  [[nodiscard]] const std::vector<FeatureSlot>& slots() const override { return recipe_.slots; }
  void read(int64_t slot, int64_t begin, int64_t end, MatrixView<float> out) const override;
  /// Over the manifest, the chunks' digests and their masks.
  [[nodiscard]] std::string digest() const override { return digest_; }

  [[nodiscard]] const FeatureRecipe& recipe() const { return recipe_; }
  /// A per-sample scalar of every valid row. Throws Error(never) listing the names.
  [[nodiscard]] std::vector<float> scalar(const std::string& name) const;
  /// Rows of the data set that are exposed, in order.
  [[nodiscard]] const std::vector<int64_t>& valid_rows() const { return valid_; }

 private:
  FeatureRecipe recipe_;
  int64_t chunk_rows_ = 0;
  std::vector<Safetensors> chunks_;
  std::vector<int64_t> valid_;
  std::string digest_;
};

}  // namespace consilience::engine
