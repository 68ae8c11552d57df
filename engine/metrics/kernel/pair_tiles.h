#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "engine/metrics/kernel/pairwise_layer.h"
#include "kernels/base/backend.h"
#include "kernels/base/matrix.h"

namespace consilience::engine {

/// A layer whose row place[i] stands at place i; an empty place moves nothing.
struct PlacedLayer {
  const PairwiseLayer* layer;
  std::span<const int32_t> place;
};

/// Places [i_begin, i_end) x [j_begin, j_end) of the matrices.
struct PairTile {
  int64_t i_begin, i_end, j_begin, j_end;
};

inline constexpr int64_t kTileRows = 512;

/// Calls body(tile, entries) tile after tile over the lower triangle. entries [layers, rows *
/// cols]: each layer's tile, row after row, 0 where i <= j. Nothing of size n^2 exists.
void for_each_tile(const kernels::Context& context, std::span<const PlacedLayer> layers,
                   Precision precision,
                   const std::function<void(const PairTile&, MatrixView<const double>)>& body);

/// The same with rows in double in place of entries, for kernels::hsic_tiles.
void for_each_row_tile(
    const kernels::Context& context, std::span<const PlacedLayer> layers,
    const std::function<void(const PairTile&, std::span<const kernels::TileLayer>)>& body);

}  // namespace consilience::engine
