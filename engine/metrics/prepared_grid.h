#pragma once
#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "engine/metrics/metric_input.h"
#include "engine/types/metric_spec.h"
#include "engine/types/null_moments.h"
#include "kernels/base/backend.h"
#include "kernels/base/matrix.h"

namespace consilience::engine {

/// A metric over all layer pairs of two sides, with everything done that does not depend on which
/// row of a belongs to which row of b. It may look into its inputs, so they must outlive it.
struct PreparedGrid {
  int64_t rows = 0;                  // n
  std::vector<std::string> reasons;  // [A * B], "" where defined; for one space [A]
  /// The grid [A, B] (one space: [A, 1]), NaN where undefined. `relabelling` [n] or empty: row i of
  /// side a counts as row relabelling[i]. May be called from several threads at once.
  std::function<Matrix<double>(std::span<const int32_t> relabelling)> values;
  /// Scores per sample [n] of one cell, whose mean is the score. Empty function: the metric has
  /// none.
  std::function<std::vector<double>(int64_t a, int64_t b)> per_sample = {};
  /// Exact moments of one cell over all relabellings, as far as they are known. Empty: they are
  /// not.
  std::function<NullMoments(int64_t a, int64_t b)> null_moments = {};
  /// The expected score under a random relabelling where it is known exactly, else NaN.
  double chance = std::numeric_limits<double>::quiet_NaN();
  /// values() uses all threads of the context itself, so calls are made one after another.
  bool parallel_inside = false;
  /// What a reader of this score must know: ranks that were kept, a sampling error.
  std::vector<std::string> remarks = {};
};

/// Prepares one metric. `b` has no layers for metrics of one space. Throws Error(never) on inputs
/// of different rows or without what the metric needs.
using Prepare = PreparedGrid (*)(const kernels::Context& context, const MetricSpec& metric,
                                 const ModelInput& a, const ModelInput& b);

/// A grid that is evaluated cell by cell: `reason` says why a cell is undefined or "", and
/// value(a, b, relabelling) is called for the others. (`value` may be empty when the caller sets
/// PreparedGrid::values itself.) Throws Error(never) when the sides have different rows.
[[nodiscard]] PreparedGrid prepare_cells(
    const ModelInput& a, const ModelInput& b,
    const std::function<std::string(const LayerInput&, const LayerInput&)>& reason,
    std::function<double(int64_t a, int64_t b, std::span<const int32_t> relabelling)> value);

/// "<name a>: <reason a>; <name b>: <reason b>", of those that are not empty.
[[nodiscard]] std::string pair_reason(const std::string& name_a, const std::string& reason_a,
                                      const std::string& name_b, const std::string& reason_b);

/// The same for metrics of one space: value(a).
[[nodiscard]] PreparedGrid prepare_layers(
    const ModelInput& a, const std::function<std::string(const LayerInput&)>& reason,
    std::function<double(int64_t a)> value);

/// Rows [begin, end) of conditioned features as double [end - begin, d].
[[nodiscard]] Matrix<double> widen(const kernels::Conditioned& features, int64_t begin,
                                   int64_t end);
[[nodiscard]] Matrix<double> widen(const kernels::Conditioned& features);

/// place[relabelling[i]] = i: which row of side a stands at each place. Identity for empty.
[[nodiscard]] std::vector<int32_t> rows_in_place(std::span<const int32_t> relabelling, int64_t n);

}  // namespace consilience::engine
