#pragma once
#include <cstdlib>
#include <memory>

#include "kernels/base/backend.h"
#include "kernels/cpu/panels.h"

namespace consilience::kernels::cpu {

struct FreeMemory {
  void operator()(void* memory) const { std::free(memory); }
};

/// Rows in panels with their words: what tiles are made of.
struct PackedRows {
  Panels panels;
  std::unique_ptr<uint32_t[], FreeMemory> words;  // [panel, words a row, tile_columns()]
};

/// Rows `rows` of `side`, in that order, by all threads. Errors are still to be set.
[[nodiscard]] PackedRows pack_rows(const Context& context, const Side& side,
                                   std::span<const double> scales, const ResidualFrame& frame,
                                   Arithmetic arithmetic, std::span<const int32_t> rows);

}  // namespace consilience::kernels::cpu
