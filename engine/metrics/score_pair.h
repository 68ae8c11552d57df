#pragma once
#include <string>

#include "engine/metrics/prepared_grid.h"
#include "engine/types/score.h"

namespace consilience::engine {

/// Scores every layer pair of two models. `grid`: of metric.prepare over the same sides.
/// `conditioning`: describe(...), what the name prints. Undefined cells are NaN with the reason.
/// The maximum (of a distance: the smallest) is the first one in row-major order; the mean is over
/// defined cells. For metrics of one space layers_b is {""}.
[[nodiscard]] PairScore score_pair(const MetricSpec& metric, const ModelInput& a,
                                   const ModelInput& b, const PreparedGrid& grid,
                                   const std::string& conditioning);

/// The same without scores per sample.
[[nodiscard]] PairScore score_maximum(const MetricSpec& metric, const ModelInput& a,
                                      const ModelInput& b, const PreparedGrid& grid,
                                      const std::string& conditioning);

/// Prepares the metric by its table entry.
[[nodiscard]] PreparedGrid prepare_metric(const kernels::Context& context, const MetricSpec& metric,
                                          const ModelInput& a, const ModelInput& b);

/// A side made of stored graphs alone; it looks into `graphs`.
[[nodiscard]] ModelInput graph_side(const ModelGraphs& graphs);

}  // namespace consilience::engine
