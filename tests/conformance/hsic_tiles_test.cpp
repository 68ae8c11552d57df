#include <gtest/gtest.h>

#include <bit>
#include <cmath>

#include "kernels/base/error.h"
#include "kernels/ops/hsic_tiles.h"
#include "tests/support/backends.h"
#include "tests/support/hard_matrices.h"

/// Every backend against the reference: bit for bit, but for exp on a device.
namespace consilience::testing {
namespace {

using kernels::Backend;
using kernels::PairEntry;
using kernels::PairKernel;
using kernels::TileLayer;
using kernels::TileSums;

constexpr PairEntry kEntries[] = {PairEntry::dot, PairEntry::rbf, PairEntry::distance,
                                  PairEntry::squared_distance, PairEntry::half_squared_distance};

Matrix<double> wide(const Matrix<float>& x) {
  Matrix<double> result(x.rows(), x.cols());
  std::ranges::copy(x.values(), result.values().begin());
  return result;
}

/// Rows of layers of several widths and of both sides of a tile.
struct Rows {
  Rows(int layers, int64_t r, int64_t c, bool same) {
    for (int l = 0; l < layers; ++l) {
      const int64_t d = 1 + l * 7 % 20;
      const auto seed = static_cast<uint64_t>(100 + 2 * l);
      xs.push_back(wide(normal_matrix(r, d, seed)));
      ys.push_back(same ? xs.back() : wide(normal_matrix(c, d, seed + 1)));
    }
  }
  /// `entry` in every layer.
  [[nodiscard]] std::vector<TileLayer> layers(PairEntry entry) const {
    std::vector<TileLayer> all;
    for (size_t l = 0; l < xs.size(); ++l) {
      const auto d = static_cast<double>(xs[l].cols());
      PairKernel kernel = {entry, std::sqrt(d) * (l % 2 == 0 ? 0.3 : 3), 2 * d, 0};
      if (entry == PairEntry::distance && l % 2 == 1) kernel.shift = std::sqrt(2 * d);
      if (entry == PairEntry::rbf && l % 2 == 1)
        kernel.shift = std::exp(-kernel.typical / (2 * kernel.sigma * kernel.sigma));
      all.push_back({xs[l].view(), ys[l].view(), kernel});
    }
    return all;
  }
  std::vector<Matrix<double>> xs, ys;
};

std::vector<double> numbers(const TileSums& sums) {
  std::vector<double> all = sums.products.values();
  for (const auto& more : {sums.row_sums.values(), sums.column_sums.values(), sums.squares})
    all.insert(all.end(), more.begin(), more.end());
  return all;
}

class HsicTiles : public EachBackend {
 protected:
  static void expect_conforms(std::span<const TileLayer> layers, int64_t first_side,
                              bool below_diagonal) {
    const TileSums found = kernels::hsic_tiles({GetParam(), 2}, layers, first_side, below_diagonal);
    const TileSums expected =
        kernels::hsic_tiles({Backend::reference, 1}, layers, first_side, below_diagonal);
    const auto values = numbers(found);
    const auto right = numbers(expected);
    ASSERT_EQ(values.size(), right.size());
    const bool exact =
        GetParam() == Backend::cpu || layers.empty() || layers[0].kernel.entry != PairEntry::rbf;
    // Entries are below 1, their sums and the sums of their products below the number of pairs.
    const double pairs = layers.empty() ? 0.0
                                        : static_cast<double>(layers[0].x.rows()) *
                                              static_cast<double>(layers[0].y.rows());
    const double tolerance = 2 * kernels::kExpUlps * 0x1p-52 * pairs;
    for (size_t v = 0; v < values.size(); ++v) {
      if (exact)
        ASSERT_EQ(std::bit_cast<uint64_t>(values[v]), std::bit_cast<uint64_t>(right[v])) << v;
      else
        ASSERT_NEAR(values[v], right[v], tolerance) << v;
    }
  }
};
INSTANTIATE_TEST_SUITE_P(Backends, HsicTiles, ::testing::ValuesIn(backends_under_test()),
                         name_of_backend);

TEST_P(HsicTiles, OfEverySize) {
  for (const auto& [r, c] : {std::pair<int64_t, int64_t>{1, 1}, {31, 33}, {32, 7}, {5, 130}}) {
    const Rows rows(5, r, c, false);
    for (const PairEntry entry : kEntries) {
      SCOPED_TRACE(std::to_string(r) + " x " + std::to_string(c) + ", entry " +
                   std::to_string(static_cast<int>(entry)));
      expect_conforms(rows.layers(entry), 2, false);
    }
  }
}

TEST_P(HsicTiles, OnTheDiagonal) {
  for (const int64_t n : {1, 2, 9, 64, 101}) {
    const Rows rows(3, n, n, true);
    for (const PairEntry entry : kEntries) expect_conforms(rows.layers(entry), 1, true);
  }
}

TEST_P(HsicTiles, OfManyLayers) {
  const Rows rows(140, 9, 10, false);
  for (const int64_t first_side : {0, 1, 5, 137, 140})
    expect_conforms(rows.layers(PairEntry::dot), first_side, false);
}

TEST_P(HsicTiles, OfHardRows) {
  for (const HardCase& hard : hard_cases()) {
    SCOPED_TRACE(hard.name);
    const Matrix<double> x = wide(hard.make(40, 11));
    for (const PairEntry entry : kEntries) {
      const TileLayer layer = {x.view().slice(0, 17), x.view().slice(17, 40), {entry, 1.5}};
      const std::vector<TileLayer> layers = {layer, layer, layer};
      expect_conforms(layers, 1, false);
    }
  }
}

TEST_P(HsicTiles, OfNothing) {
  const Matrix<double> none(0, 3);
  const Matrix<double> some(4, 3);
  const TileSums sums = kernels::hsic_tiles(
      {GetParam(), 1}, std::vector<TileLayer>{{none.view(), some.view(), {}}}, 0, false);
  EXPECT_EQ(sums.column_sums.values(), std::vector<double>(4));
  EXPECT_EQ(sums.squares, std::vector<double>(1));
}

TEST(HsicTilesDoor, RefusesRowsThatDoNotFit) {
  const Matrix<double> x(4, 3);
  const Matrix<double> y(5, 2);
  const auto door = [](const TileLayer& one, const TileLayer& two, int64_t first_side) {
    return kernels::hsic_tiles({}, std::vector<TileLayer>{one, two}, first_side, false);
  };
  const TileLayer good = {x.view(), x.view(), {}};
  EXPECT_NO_THROW((void)door(good, good, 1));
  EXPECT_THROW((void)door(good, good, 3), Error);
  EXPECT_THROW((void)door(good, {x.view(), y.view(), {}}, 1), Error);
  EXPECT_THROW((void)door(good, {x.view().slice(0, 2), x.view(), {}}, 1), Error);
  EXPECT_THROW((void)door(good, {x.view(), x.view(), {PairEntry::rbf}}, 1), Error);
}

}  // namespace
}  // namespace consilience::testing
