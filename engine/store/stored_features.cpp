#include "engine/store/stored_features.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "engine/base/hash.h"
#include "engine/store/fields.h"
#include "engine/store/widen.h"
#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

void check_tensor(const Safetensors& data, const std::string& name, Dtype dtype,
                  const std::vector<int64_t>& shape) {
  const TensorView& tensor = data.at(name);
  expect(tensor.dtype == dtype && tensor.shape == shape,
         "{}: tensor {} is {} {}, its manifest says {} {}", data.path().string(), name,
         name_of(tensor.dtype), shape_text(tensor.shape), name_of(dtype), shape_text(shape));
}

}  // namespace

StoredFeatures::StoredFeatures(const Store& store, const std::string& key) {
  const std::string manifest_name = "features/" + key + "/manifest.json";
  const Json manifest = store.read_record(manifest_name);
  recipe_ = recipe_from(manifest, (store.root() / manifest_name).string());
  chunk_rows_ = engine::chunk_rows(recipe_);
  Json parts = Json::array();
  for (int64_t first = 0; first < recipe_.rows; first += chunk_rows_) {
    const std::string name = chunk_record_name(key, first);
    const std::string file = (store.root() / name).string();
    expect(store.has_record(name), "features {}: incomplete: no {}: run the extraction again", key,
           name);
    const Json record = store.read_record(name);
    const int64_t rows = std::min(chunk_rows_, recipe_.rows - first);
    expect(field<int64_t>(record, "first_row", file) == first &&
               field<int64_t>(record, "rows", file) == rows,
           "{}: damaged: not the rows {} to {}", file, first, first + rows);
    const auto invalid = field<std::set<int64_t>>(record, "invalid_rows", file);
    expect(invalid.empty() || (*invalid.begin() >= first && *invalid.rbegin() < first + rows),
           "{}: damaged: its mask names rows of other chunks", file);
    const Safetensors& data = chunks_.emplace_back(store.open_data(name, record));
    for (const FeatureSlot& slot : recipe_.slots)
      check_tensor(data, slot.name(), recipe_.dtype, {rows, slot.width});
    for (const std::string& scalar : recipe_.scalars)
      check_tensor(data, "scalars/" + scalar, Dtype::f32, {rows});
    for (int64_t row = first; row < first + rows; ++row)
      if (!invalid.contains(row)) valid_.push_back(row);
    parts.push_back({{"data", record["data"]["sha256"]}, {"invalid_rows", invalid}});
  }
  digest_ = hash_of({{"manifest", manifest}, {"chunks", std::move(parts)}});
}

void StoredFeatures::read(int64_t slot, int64_t begin, int64_t end, MatrixView<float> out) const {
  expect(begin >= 0 && begin <= end && end <= rows() && slot >= 0 &&
             slot < static_cast<int64_t>(slots().size()),
         "features {}: no rows {} to {} of slot {}", recipe_.model, begin, end, slot);
  const FeatureSlot& facts = slots()[static_cast<size_t>(slot)];
  expect(out.rows() == end - begin && out.cols() == facts.width,
         "features {}: {} rows of {} into a [{}, {}]", recipe_.model, end - begin, facts.name(),
         out.rows(), out.cols());
  int64_t open = -1;
  const TensorView* tensor = nullptr;
  for (int64_t i = begin; i < end; ++i) {
    const int64_t row = valid_[static_cast<size_t>(i)];
    if (row / chunk_rows_ != open) {
      open = row / chunk_rows_;
      tensor = &chunks_[static_cast<size_t>(open)].at(facts.name());
    }
    widen(*tensor, row % chunk_rows_ * facts.width, out.row(i - begin));
  }
}

std::vector<float> StoredFeatures::scalar(const std::string& name) const {
  const auto& names = recipe_.scalars;
  expect(std::find(names.begin(), names.end(), name) != names.end(),
         "features {}: no scalar {}: there are [{}]", recipe_.model, name, fmt::join(names, ", "));
  std::vector<float> values(valid_.size());
  for (size_t i = 0; i < valid_.size(); ++i)
    widen(chunks_[static_cast<size_t>(valid_[i] / chunk_rows_)].at("scalars/" + name),
          valid_[i] % chunk_rows_, std::span(values).subspan(i, 1));
  return values;
}

}  // namespace consilience::engine
