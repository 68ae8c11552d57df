#include "engine/extract/chunk_assembler.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "kernels/base/error.h"

namespace consilience::engine::extraction {
namespace {

size_t position_of(const FeatureSlot& slot, const models::ModelCard& card) {
  const auto layer = std::find_if(card.layers.begin(), card.layers.end(),
                                  [&](const models::Layer& l) { return l.name == slot.layer; });
  expect(layer != card.layers.end(), "model {}: has no layer {}", card.key(), slot.layer);
  const auto pooling = std::find(card.poolings.begin(), card.poolings.end(), slot.pooling);
  expect(pooling != card.poolings.end(), "model {}: has no pooling {}, only {}", card.key(),
         slot.pooling, fmt::join(card.poolings, ", "));
  expect(layer->width == slot.width, "model {}: layer {} is {} wide, a slot of {} was asked for",
         card.key(), slot.layer, layer->width, slot.width);
  return static_cast<size_t>(layer - card.layers.begin()) * card.poolings.size() +
         static_cast<size_t>(pooling - card.poolings.begin());
}

bool all_finite(std::span<const float> values) {
  return std::all_of(values.begin(), values.end(), [](float v) { return std::isfinite(v); });
}

}  // namespace

ChunkAssembler::ChunkAssembler(const ExtractInput& input, const models::ModelCard& card,
                               const std::vector<FeatureSlot>& slots, FeatureSink& sink)
    : input_(input), card_(card), slots_(slots), sink_(sink) {
  for (const FeatureSlot& slot : slots) source_.push_back(position_of(slot, card));
}

void ChunkAssembler::begin_chunk(const Batch& batch) {
  chunk_ = {};
  chunk_.first_row = batch.chunk_first_row;
  chunk_.rows = batch.chunk_rows;
  for (const FeatureSlot& slot : slots_) chunk_.slots.emplace_back(batch.chunk_rows, slot.width);
  chunk_.scalar_names = scalar_names(card_);
  chunk_.scalars =
      Matrix<float>(batch.chunk_rows, static_cast<int64_t>(chunk_.scalar_names.size()));
  open_ = true;
}

void ChunkAssembler::copy_row(const Batch& batch, const models::BatchFeatures& features, size_t b) {
  const auto from = static_cast<int64_t>(b);
  const int64_t row = batch.rows[b];
  const int64_t to = row - batch.chunk_first_row;
  const std::string& id = input_.data->samples[static_cast<size_t>(row)].id;
  for (size_t s = 0; s < slots_.size(); ++s) {
    const std::span<const float> values = features.layers[source_[s]].row(from);
    expect(all_finite(values), "model {}, layer {}, sample {}: the features are not finite",
           card_.key(), slots_[s].name(), id);
    std::copy(values.begin(), values.end(), chunk_.slots[s].row(to).begin());
  }
  if (card_.scalars.empty()) return;
  const std::span<const float> scalars = features.scalars.row(from);
  expect(all_finite(scalars), "model {}, sample {}: {} are not finite", card_.key(), id,
         fmt::join(card_.scalars, ", "));
  std::copy(scalars.begin(), scalars.end(), chunk_.scalars.row(to).begin());
  if (chunk_.scalar_names.size() > scalars.size())
    chunk_.scalars.row(to).back() =
        static_cast<float>(input_.tokens->bytes[static_cast<size_t>(row)]);
}

void ChunkAssembler::add(const Batch& batch, const models::BatchFeatures& features) {
  if (!open_) begin_chunk(batch);
  for (size_t b = 0; b < batch.rows.size(); ++b) copy_row(batch, features, b);
  if (!batch.last_of_chunk) return;
  sink_.accept(chunk_);
  open_ = false;
}

}  // namespace consilience::engine::extraction
