#include "engine/inference/permutation_null.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/base/cancel.h"
#include "engine/inference/null_summary.h"
#include "kernels/base/error.h"
#include "kernels/base/parallel.h"

namespace consilience::engine {
namespace {

constexpr size_t kBestCells = 5;

struct GridSummary {
  double best = kUnknown, mean = kUnknown, best_few = kUnknown;
};

/// Of the defined cells; `sign` -1 for distances.
GridSummary summary_of(const Matrix<double>& grid, double sign) {
  std::vector<double> cells;
  for (const double value : grid.values())
    if (!std::isnan(value)) cells.push_back(sign * value);
  if (cells.empty()) return {};
  const size_t few = std::min(kBestCells, cells.size());
  std::partial_sort(cells.begin(), cells.begin() + static_cast<ptrdiff_t>(few), cells.end(),
                    std::greater<>());
  const auto mean = [&](size_t count) {
    return sign *
           std::accumulate(cells.begin(), cells.begin() + static_cast<ptrdiff_t>(count), 0.0) /
           static_cast<double>(count);
  };
  return {sign * cells.front(), mean(cells.size()), mean(few)};
}

std::vector<GridSummary> null_of(const kernels::Context& context, const PreparedGrid& grid,
                                 std::span<const std::vector<int32_t>> relabellings, double sign) {
  for (const auto& relabelling : relabellings)
    expect(static_cast<int64_t>(relabelling.size()) == grid.rows,
           "a relabelling of {} rows for models of {}", relabelling.size(), grid.rows);
  std::vector<GridSummary> null(relabellings.size());
  const kernels::Context outer{context.backend, grid.parallel_inside ? 1 : context.threads};
  const int64_t piece = grid.parallel_inside ? static_cast<int64_t>(null.size()) : int64_t{1};
  kernels::parallel_for(outer, std::ssize(null), piece, [&](int64_t begin, int64_t end) {
    for (auto p = static_cast<size_t>(begin); p < static_cast<size_t>(end); ++p) {
      throw_if_cancelled();
      null[p] = summary_of(grid.values(relabellings[p]), sign);
    }
  });
  return null;
}

std::vector<double> column(const std::vector<GridSummary>& null, double GridSummary::*field) {
  std::vector<double> values;
  for (const auto& summary : null) values.push_back(summary.*field);
  return values;
}

GridStatistic statistic(const char* name, double value, const std::vector<double>& null,
                        bool larger_is_closer) {
  const NullSummary summary = summarise_null(value, null, larger_is_closer);
  return {name, value, summary.mean, summary.sd, summary.p};
}

}  // namespace

void permutation_null(const kernels::Context& context, const PreparedGrid& grid,
                      const PairScore& score, std::span<const std::vector<int32_t>> relabellings,
                      PairInference& out) {
  if (score.best_a < 0 || relabellings.empty()) return;
  const bool up = score.larger_is_closer;
  const double sign = up ? 1 : -1;
  const std::vector<GridSummary> null = null_of(context, grid, relabellings, sign);
  out.null_maxima = column(null, &GridSummary::best);
  const NullSummary summary = summarise_null(score.maximum, out.null_maxima, up);
  out.null_mean = summary.mean;
  out.null_sd = summary.sd;
  out.null_largest = summary.furthest;
  out.p = summary.p;
  out.p_floor = summary.p_floor;
  out.z = sign * (score.maximum - summary.mean) / summary.sd;
  out.others.clear();
  if (score.grid.values().size() == 1) return;
  const GridSummary observed = summary_of(score.grid, sign);
  out.others = {
      statistic("mean", observed.mean, column(null, &GridSummary::mean), up),
      statistic("mean of the best 5", observed.best_few, column(null, &GridSummary::best_few), up)};
}

void within_class_null(const kernels::Context& context, const PreparedGrid& grid,
                       const PairScore& score, std::span<const std::vector<int32_t>> relabellings,
                       PairInference& out) {
  if (score.best_a < 0 || relabellings.empty()) return;
  const bool up = score.larger_is_closer;
  const auto null = null_of(context, grid, relabellings, up ? 1 : -1);
  const NullSummary summary = summarise_null(score.maximum, column(null, &GridSummary::best), up);
  out.class_null_mean = summary.mean;
  out.class_null_sd = summary.sd;
  out.class_p = summary.p;
}

}  // namespace consilience::engine
