#include "engine/metrics/kernel/median_distance.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <vector>

#include "engine/metrics/kernel/lower_triangles.h"
#include "engine/metrics/kernel/pair_tiles.h"
#include "engine/metrics/kernel/pairwise_layer.h"

namespace consilience::engine {
namespace {

constexpr int kBinShift = 41;  // exponent and 11 bits of the mantissa of a double
constexpr int64_t kHeldAtOnce = 1 << 24;

size_t bin_of(double value) { return std::bit_cast<uint64_t>(value) >> kBinShift; }

template <typename Body>
void for_each_pair(const kernels::Context& context, const PairwiseLayer& layer, Body body) {
  const PlacedLayer placed{&layer, {}};
  for_each_tile(context, {&placed, 1}, Precision::f64,
                [&](const PairTile& tile, MatrixView<const double> entries) {
                  const int64_t cols = tile.j_end - tile.j_begin;
                  for (int64_t i = tile.i_begin; i < tile.i_end; ++i)
                    for (int64_t j = tile.j_begin; j < std::min(i, tile.j_end); ++j)
                      body(entries(0, (i - tile.i_begin) * cols + j - tile.j_begin));
                });
}

/// The values of order `low` and `high` (from 0) of the squared distances.
std::pair<double, double> orders(std::vector<double>& values, int64_t low, int64_t high) {
  std::ranges::nth_element(values, values.begin() + low);
  const double first = values[static_cast<size_t>(low)];
  if (low == high) return {first, first};
  return {first, *std::min_element(values.begin() + high, values.end())};
}

}  // namespace

double median_distance(const kernels::Context& context, const LayerRows& rows) {
  return median_distance(context, rows, kHeldAtOnce);
}

double median_distance(const kernels::Context& context, const LayerRows& rows,
                       int64_t held_at_once) {
  const PairwiseLayer layer(rows, PairEntry::squared_distance, false);
  const int64_t pairs = triangle_row(rows.rows());
  const int64_t low = (pairs - 1) / 2;
  const int64_t high = pairs / 2;
  std::vector<double> middle;
  int64_t below = 0;
  if (pairs <= held_at_once) {
    middle = std::move(lower_triangles(context, {&layer, 1}, Precision::f64).values());
  } else {
    std::vector<int64_t> counts(size_t{1} << (64 - kBinShift));
    for_each_pair(context, layer, [&](double d2) { ++counts[bin_of(d2)]; });
    size_t first = 0;
    while (below + counts[first] <= low) below += counts[first++];
    size_t last = first;
    for (int64_t up_to = below + counts[first]; up_to <= high;) up_to += counts[++last];
    for_each_pair(context, layer, [&](double d2) {
      if (bin_of(d2) >= first && bin_of(d2) <= last) middle.push_back(d2);
    });
  }
  const auto [left, right] = orders(middle, low - below, high - below);
  return (std::sqrt(left) + std::sqrt(right)) / 2;
}

}  // namespace consilience::engine
