#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "engine/metrics/metric_input.h"
#include "kernels/base/backend.h"
#include "kernels/base/matrix.h"

namespace consilience::engine {

/// Ranks of rows among each other's neighbours in one layer, self (and, if asked, the row's own
/// group) left out; the nearest is 1.
class LayerRanks {
 public:
  /// `similarity` as in kernels/ops/rank_of.h, but under row scales always by dot. `groups`: [n] or
  /// empty. Looks into `features` and `groups`.
  LayerRanks(kernels::Conditioned features, kernels::Similarity similarity,
             std::span<const int32_t> groups);

  /// columns [end - begin, m] -> the rank of columns(i - begin, c) for row i.
  [[nodiscard]] Matrix<int32_t> of(const kernels::Context& context, int64_t begin, int64_t end,
                                   MatrixView<const int32_t> columns) const;
  /// All n rows; gathers where keep_table was called.
  [[nodiscard]] Matrix<int32_t> of(const kernels::Context& context,
                                   MatrixView<const int32_t> columns) const;

  /// Ranks every row for every row, once: n * n * 2 bytes. For n <= 65,536.
  void keep_table(const kernels::Context& context);

 private:
  kernels::Conditioned features_;
  kernels::Similarity similarity_;
  std::span<const int32_t> groups_;
  Matrix<uint16_t> table_;  // [n, n] or empty
};

/// The groups if no list names a row of its own group, else none: graphs do not say whether
/// siblings were left out when they were built.
[[nodiscard]] std::span<const int32_t> groups_left_out(const ModelInput& model,
                                                       const NeighborGraph& graph);

}  // namespace consilience::engine
