#include "models/packed_features.h"

#include <algorithm>

namespace consilience::models {
namespace {

int64_t floats_of(const Layer& layer, const ModelCard& card) {
  return layer.width * std::ssize(card.poolings);
}

}  // namespace

int64_t packed_floats(const ModelCard& card, int64_t batch) {
  int64_t floats = std::ssize(card.scalars);
  for (const Layer& layer : card.layers) floats += floats_of(layer, card);
  return floats * batch;
}

void split_poolings(std::span<const float> layer, int64_t batch, int64_t poolings, int64_t width,
                    std::vector<Matrix<float>>& out) {
  for (int64_t p = 0; p < poolings; ++p) {
    Matrix<float>& matrix = out.emplace_back(batch, width);
    for (int64_t b = 0; b < batch; ++b)
      std::copy_n(layer.data() + (b * poolings + p) * width, width, matrix.row(b).data());
  }
}

BatchFeatures unpack_features(std::span<const float> packed, const ModelCard& card, int64_t batch) {
  BatchFeatures features;
  for (const Layer& layer : card.layers) {
    split_poolings(packed, batch, std::ssize(card.poolings), layer.width, features.layers);
    packed = packed.subspan(static_cast<size_t>(floats_of(layer, card) * batch));
  }
  if (card.scalars.empty()) return features;
  features.scalars = Matrix<float>(batch, std::ssize(card.scalars));
  std::copy_n(packed.data(), batch * std::ssize(card.scalars), features.scalars.values().data());
  return features;
}

}  // namespace consilience::models
