#pragma once
#include <cstdint>
#include <span>

#include "engine/graphs/build_graphs.h"

namespace consilience::engine {

/// Makes neighbour lists anew for a few rows inside a subset of the rows, with the conditioning
/// fitted on all rows. Keeps the conditioned features of the layer asked for last, so ask layer by
/// layer. What half_split_graphs takes as its RedoRows (by std::ref). Not thread-safe.
class RowRedo {
 public:
  RowRedo(const kernels::Context& context, const FeatureView& features, GraphRequest request,
          ClampFit fit);

  /// out [rows, k]: for every row of `rows` its k nearest rows j with member[j] != 0, as indices of
  /// the full set, best first. Rows must be members. Throws Error(never) when a row has fewer than
  /// k eligible members.
  void operator()(int64_t layer, std::span<const int32_t> rows, std::span<const uint8_t> member,
                  int k, MatrixView<int32_t> out);

 private:
  kernels::Context context_;
  const FeatureView& features_;
  GraphRequest request_;
  ClampFit fit_;
  int64_t layer_ = -1;
  ConditionedLayer conditioned_;
};

}  // namespace consilience::engine
