#include "kernels/ops/hsic_tiles.h"

#include <algorithm>

#include "kernels/ops/backends.h"

namespace consilience::kernels {
namespace {

constexpr int64_t kMostTileRows = 32768;  // also of layers: what a grid of blocks can count

}  // namespace

TileSums hsic_tiles(const Context& context, std::span<const TileLayer> layers, int64_t first_side,
                    bool below_diagonal) {
  const int64_t count = std::ssize(layers);
  expect(first_side >= 0 && first_side <= count, "hsic_tiles: {} layers of the first side among {}",
         first_side, count);
  const int64_t r = layers.empty() ? 0 : layers[0].x.rows();
  const int64_t c = layers.empty() ? 0 : layers[0].y.rows();
  expect(std::max({r, c, count}) <= kMostTileRows,
         "hsic_tiles: a tile of {} x {} pairs of {} layers, expected at most {} of each", r, c,
         count, kMostTileRows);
  for (size_t l = 0; l < layers.size(); ++l) {
    const auto& [x, y, kernel] = layers[l];
    expect(x.rows() == r && y.rows() == c && x.cols() == y.cols(),
           "hsic_tiles: rows [{}, {}] and [{}, {}] of layer {}, expected [{}, d] and [{}, d]",
           x.rows(), x.cols(), y.rows(), y.cols(), l, r, c);
    expect(kernel.entry != PairEntry::rbf || kernel.sigma > 0,
           "hsic_tiles: sigma of layer {} is {}, expected above 0", l, kernel.sigma);
  }
  TileSums sums{Matrix<double>(first_side, count - first_side), Matrix<double>(count, r),
                Matrix<double>(count, c), std::vector<double>(layers.size())};
  if (r == 0 || c == 0 || layers.empty()) return sums;
  dispatch(
      context, [&] { reference::hsic_tiles(context, layers, first_side, below_diagonal, sums); },
      [&] { cpu::hsic_tiles(context, layers, first_side, below_diagonal, sums); },
      [&] { cuda::hsic_tiles(context, layers, first_side, below_diagonal, sums); });
  return sums;
}

}  // namespace consilience::kernels
