#pragma once
#include "engine/metrics/alignment/pair_grid.h"

namespace consilience::engine {

/// Mean of all canonical correlations.
PreparedGrid prepare_cca_mean(const kernels::Context& context, const MetricSpec& metric,
                              const ModelInput& a, const ModelInput& b);
/// Mean canonical correlation of the first `rank` principal directions.
PreparedGrid prepare_svcca_rank(const kernels::Context& context, const MetricSpec& metric,
                                const ModelInput& a, const ModelInput& b);
/// The same over as many directions as keep 99 % of the variance or of the singular values.
PreparedGrid prepare_svcca_99(const kernels::Context& context, const MetricSpec& metric,
                              const ModelInput& a, const ModelInput& b);

/// Remark of a pair: how many canonical correlations are 1 by the number of rows alone, or "".
[[nodiscard]] std::string forced_correlations(const PreparedLayer& a, const PreparedLayer& b);

/// rows = an orthonormal basis of all columns; a reason where they span everything.
[[nodiscard]] PreparedLayer prepare_whole_basis(const linalg::Context& context,
                                                const Matrix<double>& centred);

/// The smallest count of directions that keeps 99 % of `quantity` (descending).
[[nodiscard]] int64_t directions_for_99(std::span<const double> quantity);

}  // namespace consilience::engine
