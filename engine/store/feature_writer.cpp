#include "engine/store/feature_writer.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/store/widen.h"
#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

void check_shapes(const FeatureRecipe& recipe, const FeatureChunk& chunk, const std::string& key) {
  expect(chunk.slots.size() == recipe.slots.size(), "features {}: {} slots in a chunk, expected {}",
         key, chunk.slots.size(), recipe.slots.size());
  for (size_t s = 0; s < chunk.slots.size(); ++s)
    expect(chunk.slots[s].rows() == chunk.rows && chunk.slots[s].cols() == recipe.slots[s].width,
           "features {}: {} of a chunk is [{}, {}], expected [{}, {}]", key, recipe.slots[s].name(),
           chunk.slots[s].rows(), chunk.slots[s].cols(), chunk.rows, recipe.slots[s].width);
  const auto scalars = static_cast<int64_t>(recipe.scalars.size());
  expect(
      chunk.scalar_names == recipe.scalars &&
          (scalars == 0 || (chunk.scalars.rows() == chunk.rows && chunk.scalars.cols() == scalars)),
      "features {}: the scalars of a chunk are not those of the recipe", key);
}

/// Keeps the narrowed values alive until the chunk is written.
class ChunkTensors {
 public:
  ChunkTensors(const FeatureRecipe& recipe, const FeatureChunk& chunk, const std::string& key) {
    narrowed_.reserve(chunk.slots.size());
    for (size_t s = 0; s < chunk.slots.size(); ++s) add(recipe, s, chunk, key);
    columns_.reserve(recipe.scalars.size());
    for (size_t c = 0; c < recipe.scalars.size(); ++c) {
      std::vector<float>& column = columns_.emplace_back();
      for (int64_t row = 0; row < chunk.rows; ++row)
        column.push_back(chunk.scalars(row, static_cast<int64_t>(c)));
      tensors.push_back(tensor("scalars/" + recipe.scalars[c], {chunk.rows}, column));
    }
  }
  std::vector<TensorView> tensors;

 private:
  void add(const FeatureRecipe& recipe, size_t s, const FeatureChunk& chunk,
           const std::string& key) {
    const FeatureSlot& slot = recipe.slots[s];
    const std::vector<float>& values = chunk.slots[s].values();
    const std::vector<int64_t> shape{chunk.rows, slot.width};
    if (recipe.dtype == Dtype::f32) {
      tensors.push_back(tensor(slot.name(), shape, values));
      return;
    }
    const std::vector<uint16_t>& bits = narrowed_.emplace_back(narrow(values, recipe.dtype));
    tensors.push_back({slot.name(), recipe.dtype, shape, std::as_bytes(std::span(bits))});
    std::vector<float> back(values.size());
    widen(tensors.back(), 0, back);
    for (size_t i = 0; i < values.size(); ++i)
      expect(!std::isfinite(values[i]) || std::isfinite(back[i]),
             "features {}: {}, row {}: {} does not fit {}: store them as f32", key, slot.name(),
             chunk.first_row + static_cast<int64_t>(i) / slot.width, values[i],
             name_of(recipe.dtype));
  }

  std::vector<std::vector<uint16_t>> narrowed_;
  std::vector<std::vector<float>> columns_;
};

}  // namespace

FeatureWriter::FeatureWriter(const Store& store, FeatureRecipe recipe, std::vector<uint8_t> valid,
                             Json provenance)
    : store_(store),
      recipe_(std::move(recipe)),
      valid_(std::move(valid)),
      provenance_(std::move(provenance)),
      key_(feature_key(recipe_)),
      chunk_rows_(engine::chunk_rows(recipe_)) {
  expect(static_cast<int64_t>(valid_.size()) == recipe_.rows,
         "features {}: a mask of {} rows for {} rows", key_, valid_.size(), recipe_.rows);
  const std::string name = "features/" + key_ + "/manifest.json";
  const Json manifest = manifest_of(recipe_);
  expect(store_.commit_record(name, manifest) == manifest,
         "{}: another recipe with the same short hash stands there", name);
}

int64_t FeatureWriter::rows_at(int64_t first_row) const {
  return std::min(chunk_rows_, recipe_.rows - first_row);
}

bool FeatureWriter::has_chunk(int64_t first_row) const {
  const std::string name = chunk_record_name(key_, first_row);
  if (!store_.has_record(name)) return false;
  store_.check_data(name, store_.read_record(name), false);
  return true;
}

bool FeatureWriter::complete() const {
  for (int64_t first = 0; first < recipe_.rows; first += chunk_rows_)
    if (!has_chunk(first)) return false;
  return true;
}

void FeatureWriter::accept(const FeatureChunk& chunk) {
  expect(chunk.first_row >= 0 && chunk.first_row < recipe_.rows &&
             chunk.first_row % chunk_rows_ == 0 && chunk.rows == rows_at(chunk.first_row),
         "features {}: {} rows from {} on are no chunk: there are {} rows, {} a chunk", key_,
         chunk.rows, chunk.first_row, recipe_.rows, chunk_rows_);
  check_shapes(recipe_, chunk, key_);
  Json invalid = Json::array();
  for (int64_t row = chunk.first_row; row < chunk.first_row + chunk.rows; ++row)
    if (valid_[static_cast<size_t>(row)] == 0) invalid.push_back(row);
  const ChunkTensors data(recipe_, chunk, key_);
  store_.commit_record(chunk_record_name(key_, chunk.first_row),
                       {{"first_row", chunk.first_row},
                        {"rows", chunk.rows},
                        {"invalid_rows", std::move(invalid)},
                        {"provenance", provenance_}},
                       data.tensors);
}

}  // namespace consilience::engine
