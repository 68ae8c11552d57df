#pragma once
#include "kernels/cuda/candidate_lists.h"

namespace consilience::kernels::cuda {

/// A product of packed queries and columns: y [rows, columns], rows `stride` apart.
struct ScoredTile {
  const float* y;
  int64_t stride;
  int64_t rows;
  int64_t columns;
  int64_t first_row;     // place of the first query
  int64_t first_column;  // place of the first column in the whole gallery
  int64_t column_base;   // the place at which the columns' bounds begin
  int64_t row_seen;      // columns that the queries have met before
  int64_t column_seen;   // and rows that the columns have
};

/// Adds to the queries' lists what may be among their best; where `both`, also to the columns' (the
/// queries are the gallery). Does not synchronise; nothing else may work on these lists.
void scan_tile(const ScoredTile& tile, const device::Lists& lists, const device::Bounds& queries,
               const device::Bounds& columns, const device::Barred& barred, bool both,
               const Stream& stream);

}  // namespace consilience::kernels::cuda
