#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "engine/metrics/metric_input.h"
#include "engine/types/graph.h"
#include "engine/types/score.h"
#include "kernels/base/backend.h"

namespace consilience::engine {

/// Random halves of the samples, the same for every model and pair of a study.
struct HalfSplits {
  std::vector<std::vector<uint8_t>> half;  // [splits][n], 0 or 1
  std::vector<int32_t> groups;             // [n] or empty: siblings, no neighbours of each other
  [[nodiscard]] int count() const { return static_cast<int>(half.size()); }
  /// The rows of half h % 2 of split h / 2, ascending.
  [[nodiscard]] std::vector<int32_t> rows(size_t h) const;
};

/// `groups` [n] or empty: a group stays on one side. Half 0 takes groups in random order until it
/// holds n / 2 rows (rounded down).
[[nodiscard]] HalfSplits draw_half_splits(uint64_t seed, int splits, int64_t n,
                                          std::span<const int32_t> groups = {});

/// Makes lists anew: (layer, rows, member [n], k, out [rows, k]): see RowRedo in graphs.
using RedoRows =
    std::function<void(int64_t layer, std::span<const int32_t> rows,
                       std::span<const uint8_t> member, int k, MatrixView<int32_t> out)>;

/// One model's first-k lists inside every half, with indices within the half. About
/// splits * n * k * 4 bytes a layer: keep it while pairs of the model are compared.
struct HalfGraphs {
  std::vector<std::vector<Matrix<int32_t>>> lists;  // [2 split + half][usable layer] -> [rows, k]
  std::string reason;                               // not empty: no half-graphs, and why
};

/// Filters the stored lists; rows left with fewer than k neighbours are made anew by `redo`.
/// Where `redo` is needed and missing, or a half leaves a row fewer than k eligible rows, the
/// result has a reason instead.
[[nodiscard]] HalfGraphs half_split_graphs(const ModelGraphs& model, int k,
                                           const HalfSplits& splits, const RedoRows& redo = {});

/// One side of a comparison with what its halves need.
struct HalvedModel {
  const ModelInput* whole = nullptr;
  const HalfGraphs* graphs = nullptr;  // null: the metric reads no graphs
};

/// Fills half_values, sd, lo, hi and interval of `out` (or interval_reason): sd = sqrt(mean over
/// splits of (s_0 - s_1)^2 / 4), the maximum over layers taken again in each half; value +-
/// half_split_margin. Features keep the conditioning that was fitted on all rows.
void half_split_interval(const kernels::Context& context, const HalvedModel& a,
                         const HalvedModel& b, const HalfSplits& splits, const PairScore& score,
                         PairInference& out);

/// sd of a score from its values in the halves of each split, [2 splits].
[[nodiscard]] double half_split_sd(std::span<const double> half_values);
/// Half the width of its 95 % interval: sd times Student's t for as many degrees of freedom as
/// there are splits, which the sd is an average over.
[[nodiscard]] double half_split_margin(std::span<const double> half_values);

}  // namespace consilience::engine
