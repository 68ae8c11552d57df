#include "engine/metrics/neighbours/chance_corrected.h"

#include <limits>

#include "engine/metrics/neighbours/mutual_knn.h"

namespace consilience::engine {

PreparedGrid prepare_mutual_knn_chance_corrected(const kernels::Context& context,
                                                 const MetricSpec& metric, const ModelInput& a,
                                                 const ModelInput& b) {
  const PreparedGrid plain = prepare_mutual_knn(context, metric, a, b);
  PreparedGrid grid = plain;
  if (metric.k() == a.rows - 1) {
    for (std::string& reason : grid.reasons)
      if (reason.empty()) reason = "with k = n - 1 every row is a neighbour: chance is 1";
    grid.values = [rows = std::ssize(a.layers),
                   cols = std::ssize(b.layers)](std::span<const int32_t>) {
      return Matrix<double>(rows, cols, std::numeric_limits<double>::quiet_NaN());
    };
    grid.per_sample = {};
    return grid;
  }
  const auto corrected = [chance = plain.chance](double s) { return (s - chance) / (1 - chance); };
  grid.values = [values = plain.values, corrected](std::span<const int32_t> relabelling) {
    Matrix<double> scores = values(relabelling);
    for (double& score : scores.values()) score = corrected(score);
    return scores;
  };
  grid.per_sample = [per_sample = plain.per_sample, corrected](int64_t x, int64_t y) {
    std::vector<double> scores = per_sample(x, y);
    for (double& score : scores) score = corrected(score);
    return scores;
  };
  if (metric.k() < a.rows) grid.chance = 0;
  return grid;
}

}  // namespace consilience::engine
