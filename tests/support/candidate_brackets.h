#pragma once
#include <cmath>
#include <numeric>
#include <vector>

#include "kernels/cpu/candidate_lists.h"
#include "kernels/cpu/candidate_tile.h"
#include "kernels/cpu/packed_rows.h"
#include "tests/support/exact_score.h"
#include "tests/support/neighbor_lists.h"

/// What a tile says of every pair of rows, beside the exact scores.
namespace consilience::testing {

/// |t - exact| / E of every pair that the arithmetic can hold, the largest: above 1 the bound is
/// broken.
inline double largest_error_ratio(const kernels::Conditioned& side, kernels::Similarity similarity,
                                  kernels::cpu::Arithmetic arithmetic) {
  using namespace kernels;
  using namespace kernels::cpu;
  const int64_t n = side.x.rows();
  const kernels::cpu::Side rows(side.x, side.clamp, side.mean);
  std::vector<int32_t> all(static_cast<size_t>(n));
  std::iota(all.begin(), all.end(), 0);
  const ResidualFrame frame(side, all, similarity);
  PackedRows packed({kernels::Backend::cpu, 1}, arithmetic, {rows, side.scale, frame, all});
  Panels& panels = packed.panels;
  panels.set_errors(panels.largest_norms());
  const std::vector<float> everything(panels.scale.size(), kEverything);
  WordBuffer room;
  Hits hits;
  double worst = 0;
  const auto at_panel = [&](int64_t panel, int64_t row) {
    const auto at = static_cast<size_t>(panel * tile_columns() + row);
    return TileSide{packed.words(panel, panel + 1, room) + row,
                    everything.data() + at,
                    panels.inverse.data() + at,
                    panels.lifted.data() + at,
                    panels.error.data() + at,
                    panels.bias.data() + at};
  };
  const auto meet = [&](int64_t i, int64_t j, float product) {
    if (i >= n || j >= n || !panels.usable(i) || !panels.usable(j)) return;
    const auto a = static_cast<size_t>(i);
    const auto b = static_cast<size_t>(j);
    const double scale = double{panels.scale[a]} * panels.scale[b];
    const double slack = double{panels.slack[b]} / 2;
    const double middle = product * scale + panels.offset[b] - slack;
    const double bound =
        scale * (double{panels.error[a]} + panels.error[b]) + slack + double{panels.own[a]} / 2;
    const double units = exact_score(side, similarity, i, j) * frame.score_unit();
    worst = std::max(worst, std::fabs(units - panels.level[a] - middle) / bound);
  };
  for (int64_t r = 0; r * tile_columns() < n; ++r) {
    for (int64_t c = 0; c * tile_columns() < n; ++c) {
      for (int64_t row = 0; row < tile_columns(); row += tile_rows()) {
        scan_tile(arithmetic, at_panel(r, row), at_panel(c, 0), panels.words(), hits);
        for (int h = 0; h < hits.rows; ++h) {
          const Hit hit = hits.of_row(h);
          meet(r * tile_columns() + row + hit.row, c * tile_columns() + hit.column, hit.product);
        }
      }
    }
  }
  return worst;
}

/// The arithmetics of the machine as it is (or is told to be).
inline std::vector<kernels::cpu::Arithmetic> arithmetics() {
  using kernels::cpu::Arithmetic;
  if (!kernels::cpu::multiplies_integers()) return {Arithmetic::f32};
  return {Arithmetic::int8, Arithmetic::int16, Arithmetic::f32};
}

}  // namespace consilience::testing
