#pragma once
#include "engine/metrics/kernel/hsic.h"
#include "engine/metrics/kernel/off_diagonal.h"
#include "engine/metrics/metric_input.h"
#include "engine/metrics/prepared_grid.h"

namespace consilience::engine {

/// What becomes of HSIC(K, L), with S the HSIC of a layer with itself.
enum class KernelScore {
  hsic,               // itself
  ratio,              // / sqrt(S(K) S(L))
  root_of_ratio,      // the square root of that
  feature_corrected,  // the ratio with S estimated over samples and features
};

struct KernelPlan {
  PairEntry entry;
  Estimator estimator;
  KernelScore score;
};

/// Parameters that are read where the metric has them: sigma, without_pcs, precision.
[[nodiscard]] PreparedGrid prepare_kernel_grid(const kernels::Context& context,
                                               const MetricSpec& metric, const ModelInput& a,
                                               const ModelInput& b, const KernelPlan& plan,
                                               Path path = Path::cheapest);

/// The same as a Prepare function.
template <PairEntry entry, Estimator estimator, KernelScore score>
PreparedGrid prepare_kernel(const kernels::Context& context, const MetricSpec& metric,
                            const ModelInput& a, const ModelInput& b) {
  return prepare_kernel_grid(context, metric, a, b, {entry, estimator, score});
}

}  // namespace consilience::engine
