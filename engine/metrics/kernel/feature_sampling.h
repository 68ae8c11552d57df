#pragma once
#include <cstdint>

#include "engine/metrics/kernel/layer_rows.h"

namespace consilience::engine {

/// Sum over features f of HSIC_1(k_f, k_f), k_f = x_f x_f' the linear kernel of one centred feature
/// alone.
[[nodiscard]] double single_feature_hsic(const LayerRows& rows);

/// HSIC_1 of a linear kernel with itself, K = sum of k_f over `features` features, as an unbiased
/// estimate over sampled features too: d / (d - 1) (HSIC_1(K, K) - sum_f HSIC_1(k_f, k_f)), because
/// a feature met with itself counts twice (Chun et al. 2025).
[[nodiscard]] double corrected_for_features(double self_hsic, double single_features,
                                            int64_t features);

}  // namespace consilience::engine
