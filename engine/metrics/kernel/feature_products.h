#pragma once
#include <cstdint>
#include <span>

#include "engine/metrics/kernel/layer_rows.h"
#include "engine/metrics/kernel/pairwise_layer.h"
#include "kernels/base/backend.h"
#include "kernels/base/matrix.h"

namespace consilience::engine {

/// C = X'Y [dx, dy] in one pass over row blocks; row place[i] of x stands at place i (empty: row
/// i). Blocks are multiplied in `precision` and added up in double.
[[nodiscard]] Matrix<double> cross_products(const kernels::Context& context, const LayerRows& x,
                                            std::span<const int32_t> place, const LayerRows& y,
                                            Precision precision);

/// Sum over i != j of (x_i . x_j)(y_i . y_j) = |X'Y|_F^2 - sum_i |x_i|^2 |y_i|^2.
[[nodiscard]] double feature_product(const kernels::Context& context, const LayerRows& x,
                                     std::span<const int32_t> place, const LayerRows& y,
                                     Precision precision);

}  // namespace consilience::engine
