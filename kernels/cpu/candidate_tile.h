#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/base/candidate_bound.h"

/// The inner loop of the candidate search: a tile of f32 products and their bounds.
namespace consilience::kernels::cpu {

/// The tile of the machine at hand: so many query rows by so many gallery rows.
int tile_rows();
int tile_columns();

/// Some gallery rows, ready for tiles: whole panels of tile_columns() rows, the last one filled up
/// with rows that are never chosen.
struct Panels {
  Panels(int64_t rows, int64_t d);

  /// Where feature 0 of row j stands; its features are tile_columns() apart.
  float* feature_of(int64_t j);
  void set_bound(int64_t j, const GalleryBound& bound, double offset_j);
  /// A row that no bound holds for: it is always a candidate.
  void set_unbounded(int64_t j);

  int64_t rows;
  int64_t d;
  std::vector<float> features;                          // [panel, d, tile_columns()]
  std::vector<float> offset, norm, spread, reach, own;  // [panel * tile_columns()]
};

/// low = t - E and high = t + E of query row `row` of the tile and gallery row `column` of the
/// panels.
struct Hit {
  int32_t row;
  int32_t column;
  float low;
  float high;
};

/// All pairs of tile_rows() query rows [tile_rows(), d] and one panel with high >= threshold[row].
/// hits has room for tile_rows() * tile_columns(); returns how many there are.
int scan_tile(const float* queries, const QueryBound* bounds, const float* threshold,
              const Panels& panels, int64_t panel, Hit* hits);

}  // namespace consilience::kernels::cpu
