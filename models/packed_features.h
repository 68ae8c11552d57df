#pragma once
#include <cstdint>
#include <span>

#include "models/card.h"
#include "models/runner.h"

namespace consilience::models {

/// A batch's features in one piece, as they leave a device: float32 [B, P, D_l] layer after layer,
/// then the scalars [B, S].
[[nodiscard]] int64_t packed_floats(const ModelCard& card, int64_t batch);

[[nodiscard]] BatchFeatures unpack_features(std::span<const float> packed, const ModelCard& card,
                                            int64_t batch);

/// [B, P, D] to one [B, D] a pooling, at the end of `out`.
void split_poolings(std::span<const float> layer, int64_t batch, int64_t poolings, int64_t width,
                    std::vector<Matrix<float>>& out);

}  // namespace consilience::models
