#pragma once
#include <cstdint>

#include "kernels/cpu/panels.h"

/// The inner loop of the candidate search: a tile of products, compared with the thresholds of its
/// rows and its columns before it leaves the first-level cache.
namespace consilience::kernels::cpu {

/// The tile of the machine at hand: so many query rows by so many gallery rows.
int tile_rows();
int tile_columns();

/// Whether the machine multiplies integers faster than f32 (AVX-512 VNNI).
bool multiplies_integers();

/// One side of a tile: pointers to its first row. Of a panel's columns, or of tile_rows() rows
/// inside a panel (whose words stand tile_columns() apart).
struct TileSide {
  const uint32_t* words;
  const float* threshold;  // of candidates, in units of the row's scale
  const float* inverse;
  const float* lifted;
  const float* error;
  const int32_t* bias;
};

/// A pair of a tile with its product y = a_row . a_column.
struct Hit {
  int32_t row;
  int32_t column;
  float product;
};

/// The pairs that may be among the best of their row, and those that may be of their column.
struct Hits {
  static constexpr int kRoom = 8 * 48 + 16;  // all pairs of the largest tile, and a vector's end
  int rows = 0;
  int columns = 0;
  int32_t row_pair[kRoom];  // row << 8 | column
  int32_t column_pair[kRoom];
  float row_product[kRoom];
  float column_product[kRoom];

  [[nodiscard]] Hit of_row(int h) const { return hit(row_pair[h], row_product[h]); }
  [[nodiscard]] Hit of_column(int h) const { return hit(column_pair[h], column_product[h]); }

 private:
  static Hit hit(int32_t pair, float product) { return {pair >> 8, pair & 255, product}; }
};

/// Hits of tile_rows() rows and one panel of `words` words a row.
void scan_tile(Arithmetic arithmetic, const TileSide& rows, const TileSide& columns, int64_t words,
               Hits& hits);

}  // namespace consilience::kernels::cpu
