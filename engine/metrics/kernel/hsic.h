#pragma once
#include <cstdint>
#include <span>

#include "engine/metrics/kernel/off_diagonal.h"

namespace consilience::engine {

/// biased: HSIC_0 = tr(K H L H) / (n - 1)^2 (Gretton et al. 2005); debiased: HSIC_1, the unbiased
/// estimator (Song et al. 2012, JMLR 13:1393, equation 5), which needs n >= 4.
enum class Estimator { biased, debiased };

/// HSIC from the sum over i != j of K_ij L_ij and what is kept of each layer. Row place[i] of `a`
/// stands at place i.
[[nodiscard]] double hsic(Estimator estimator, double products, const LayerSums& a,
                          std::span<const int32_t> place, const LayerSums& b);

/// HSIC of a layer with itself.
[[nodiscard]] double self_hsic(Estimator estimator, const LayerSums& sums);

}  // namespace consilience::engine
