#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "engine/metrics/metric_input.h"
#include "engine/metrics/prepared_grid.h"
#include "kernels/base/matrix.h"

namespace consilience::engine {

/// A grid that is defined where neither layer has a reason; its values are for the caller to set.
/// `why_a` [A], `why_b` [B]. Throws Error(never) when the sides have different rows.
[[nodiscard]] PreparedGrid grid_with_reasons(const ModelInput& a, const ModelInput& b,
                                             const std::vector<std::string>& why_a,
                                             const std::vector<std::string>& why_b);

/// Indices of the layers without a reason.
[[nodiscard]] std::vector<int64_t> usable_layers(const std::vector<std::string>& why);

/// Scores of the usable layers [usable of a, usable of b] in the whole grid [rows, cols]: NaN where
/// a cell has a reason.
[[nodiscard]] Matrix<double> spread(const Matrix<double>& scores,
                                    const std::vector<int64_t>& layers_a,
                                    const std::vector<int64_t>& layers_b,
                                    const std::vector<std::string>& reasons, int64_t rows,
                                    int64_t cols);

}  // namespace consilience::engine
