#include <gtest/gtest.h>

#include "kernels/base/fixed_sum.h"
#include "kernels/cpu/candidate_tile.h"
#include "kernels/cpu/residuals.h"
#include "tests/support/hard_matrices.h"
#include "tests/support/neighbor_lists.h"

/// |approx - exact| / E, largest over all pairs: above 1 the bound of numerics section 3 is broken.
namespace consilience::testing {
namespace {

using kernels::Conditioned;
using kernels::Similarity;

/// The exact score in double, and what s or -d2 / 2 of row i adds for every j: t is s less that.
struct Exact {
  const Conditioned& side;
  Similarity similarity;

  [[nodiscard]] double v(int64_t i, int64_t f) const {
    const float x = side.x(i, f);
    const double mean = side.mean.empty() ? 0.0 : side.mean[static_cast<size_t>(f)];
    return static_cast<double>(std::clamp(x, -side.clamp, side.clamp)) - mean;
  }
  [[nodiscard]] double scale(int64_t i) const {
    return side.scale.empty() ? 1.0 : side.scale[static_cast<size_t>(i)];
  }
  [[nodiscard]] double score(int64_t i, int64_t j) const {
    if (similarity == Similarity::euclidean) {
      const auto gap = [&](int64_t f) { return v(i, f) - v(j, f); };
      return -0.5 * kernels::fixed_dot(side.x.cols(), gap, gap);
    }
    return kernels::fixed_dot(
               side.x.cols(), [&](int64_t f) { return v(i, f); },
               [&](int64_t f) { return v(j, f); }) *
           (scale(i) * scale(j));
  }
};

/// Scores minus the middle of their bounds must differ by one constant a row, up to E: the largest
/// |difference of two columns' errors| / (E of one + E of the other).
double largest_ratio(const Conditioned& side, Similarity similarity) {
  const int64_t n = side.x.rows();
  const int64_t d = side.x.cols();
  const kernels::cpu::Side rows(side.x, side.clamp, side.mean);
  std::vector<int32_t> all(static_cast<size_t>(n));
  for (size_t i = 0; i < all.size(); ++i) all[i] = static_cast<int32_t>(i);
  const kernels::cpu::ResidualFrame frame(rows, side.scale, all, similarity);
  const Exact exact = {side, similarity};
  const int tile = kernels::cpu::tile_rows();
  const int64_t padded = (n + tile - 1) / tile * tile;
  std::vector<double> room(static_cast<size_t>(rows.padded()));
  std::vector<float> features(static_cast<size_t>(padded * d));
  std::vector<kernels::QueryBound> bounds(static_cast<size_t>(padded));
  std::vector<bool> usable(static_cast<size_t>(padded));
  kernels::cpu::Panels panels(n, d);
  for (int64_t i = 0; i < n; ++i) {
    const auto at = static_cast<size_t>(i);
    kernels::ResidualNorms norms;
    usable[at] =
        frame.residual(rows, exact.scale(i), i, room.data(), features.data() + i * d, 1, norms);
    if (!usable[at]) {
      panels.set_unbounded(i);
      continue;
    }
    bounds[at] = kernels::query_bound(norms, similarity);
    frame.residual(rows, exact.scale(i), i, room.data(), panels.feature_of(i),
                   kernels::cpu::tile_columns(), norms);
    panels.set_bound(i, kernels::gallery_bound(norms, d), norms.offset);
  }
  const std::vector<float> threshold(static_cast<size_t>(tile),
                                     -std::numeric_limits<float>::infinity());
  std::vector<kernels::cpu::Hit> hits(static_cast<size_t>(tile * kernels::cpu::tile_columns()));
  const double unit = frame.unit();
  double worst = 0;
  for (int64_t first = 0; first < n; first += tile) {
    // Per row: the range of constants that all bounds so far allow, [max(low), min(high)].
    std::vector<std::vector<kernels::cpu::Hit>> row_hits(static_cast<size_t>(tile));
    for (int64_t panel = 0; panel * kernels::cpu::tile_columns() < n; ++panel) {
      const int count = kernels::cpu::scan_tile(features.data() + first * d, bounds.data() + first,
                                                threshold.data(), panels, panel, hits.data());
      for (int h = 0; h < count; ++h) {
        const auto& hit = hits[static_cast<size_t>(h)];
        if (hit.column < n && usable[static_cast<size_t>(hit.column)]) {
          row_hits[static_cast<size_t>(hit.row)].push_back(hit);
        }
      }
    }
    for (int r = 0; r < tile && first + r < n; ++r) {
      if (!usable[static_cast<size_t>(first + r)]) continue;
      double low = -std::numeric_limits<double>::infinity();
      double high = -low;
      double low_width = 0;
      double high_width = 0;
      for (const auto& hit : row_hits[static_cast<size_t>(r)]) {
        if (!std::isfinite(hit.low) || !std::isfinite(hit.high)) continue;
        const double s = exact.score(first + r, hit.column) * unit * unit;
        const double width = (double{hit.high} - hit.low) / 2;
        if (s - hit.high > low) {
          low = s - hit.high;
          low_width = width;
        }
        if (s - hit.low < high) {
          high = s - hit.low;
          high_width = width;
        }
      }
      // Errors of the two columns: apart by more than the sum of their bounds is a violation.
      const double slack = high - low;
      const double widths = low_width + high_width;
      if (widths > 0) worst = std::max(worst, 1 - slack / widths);
    }
  }
  return worst;
}

class CandidateBound : public ::testing::TestWithParam<HardCase> {};

TEST_P(CandidateBound, HoldsForDots) {
  for (const int64_t d : {1, 16, 130, 700}) {
    const Features features = {.x = GetParam().make(150, d), .mean = {}, .scale = {}};
    const double ratio = largest_ratio(features.view(), Similarity::dot);
    RecordProperty("dot_d" + std::to_string(d), std::to_string(ratio));
    EXPECT_LE(ratio, 1.0) << "d = " << d;
  }
}

TEST_P(CandidateBound, HoldsForDistances) {
  for (const int64_t d : {1, 16, 130, 700}) {
    const Features features = {.x = GetParam().make(150, d), .mean = {}, .scale = {}};
    const double ratio = largest_ratio(features.view(), Similarity::euclidean);
    RecordProperty("euclidean_d" + std::to_string(d), std::to_string(ratio));
    EXPECT_LE(ratio, 1.0) << "d = " << d;
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, CandidateBound, ::testing::ValuesIn(hard_cases()),
                         [](const auto& hard) { return hard.param.name; });

}  // namespace
}  // namespace consilience::testing
