#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "engine/store/feature_recipe.h"
#include "engine/store/store.h"
#include "engine/types/features.h"

namespace consilience::engine {

/// Writes a recipe's features, a chunk a commit: chunk_rows() rows each, the last one what is left.
class FeatureWriter : public FeatureSink {
 public:
  /// `valid` [n]: the data set's mask. `provenance`: input digests and library versions, kept in
  /// every chunk record (not in the key). Commits the manifest. The store must outlive this.
  FeatureWriter(const Store& store, FeatureRecipe recipe, std::vector<uint8_t> valid,
                Json provenance = Json::object());

  [[nodiscard]] const std::string& key() const { return key_; }
  [[nodiscard]] int64_t chunk_rows() const { return chunk_rows_; }
  /// True when every chunk is there.
  [[nodiscard]] bool complete() const;

  [[nodiscard]] bool has_chunk(int64_t first_row) const override;
  /// Throws Error(never) when the chunk is not one of this recipe's (range, widths, scalars), or a
  /// value does not fit the type at rest (beyond the largest f16).
  void accept(const FeatureChunk& chunk) override;

 private:
  [[nodiscard]] int64_t rows_at(int64_t first_row) const;
  const Store& store_;
  FeatureRecipe recipe_;
  std::vector<uint8_t> valid_;
  Json provenance_;
  std::string key_;
  int64_t chunk_rows_;
};

}  // namespace consilience::engine
