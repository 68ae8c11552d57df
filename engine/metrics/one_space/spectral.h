#pragma once
#include "engine/metrics/prepared_grid.h"

/// Metrics of a layer's singular values s or covariance eigenvalues lambda.
namespace consilience::engine {

/// exp of the entropy of s / sum s.
PreparedGrid prepare_effective_rank(const kernels::Context& context, const MetricSpec& metric,
                                    const ModelInput& a, const ModelInput& b);
/// exp(-sum p ln p), p = s / sum s + epsilon.
PreparedGrid prepare_rankme(const kernels::Context& context, const MetricSpec& metric,
                            const ModelInput& a, const ModelInput& b);
/// The same of lambda.
PreparedGrid prepare_effective_rank_covariance(const kernels::Context& context,
                                               const MetricSpec& metric, const ModelInput& a,
                                               const ModelInput& b);
/// (sum lambda)^2 / sum lambda^2.
PreparedGrid prepare_participation_ratio(const kernels::Context& context, const MetricSpec& metric,
                                         const ModelInput& a, const ModelInput& b);
/// sum s^2 / max s^2.
PreparedGrid prepare_stable_rank(const kernels::Context& context, const MetricSpec& metric,
                                 const ModelInput& a, const ModelInput& b);
/// Minus the least-squares slope of ln lambda_i on ln i.
PreparedGrid prepare_alpha_req(const kernels::Context& context, const MetricSpec& metric,
                               const ModelInput& a, const ModelInput& b);

/// "a..b" with whole 1 <= a < b.
[[nodiscard]] bool is_rank_range(std::string_view text);

}  // namespace consilience::engine
