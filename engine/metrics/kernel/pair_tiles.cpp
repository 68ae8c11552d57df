#include "engine/metrics/kernel/pair_tiles.h"

#include <algorithm>
#include <memory>

#include "kernels/base/parallel.h"

namespace consilience::engine {
namespace {

constexpr int64_t kStripeRows = 64;

/// Rows of one layer at some places, ready for products.
class PlacedRows {
 public:
  PlacedRows(const PlacedLayer& from, int64_t begin, int64_t end, Precision precision)
      : x_(from.place.empty() ? from.layer->rows().block(begin, end)
                              : from.layer->rows().gather(from.place.subspan(
                                    static_cast<size_t>(begin), static_cast<size_t>(end - begin)))),
        product_(x_, precision) {
    const std::vector<double>& norms = from.layer->rows().squared_norms();
    for (int64_t i = begin; i < end; ++i) {
      const int64_t row = from.place.empty() ? i : from.place[static_cast<size_t>(i)];
      norms_.push_back(norms[static_cast<size_t>(row)]);
    }
  }
  PlacedRows(const PlacedRows&) = delete;
  PlacedRows& operator=(const PlacedRows&) = delete;

  [[nodiscard]] const Matrix<double>& x() const { return x_; }
  [[nodiscard]] const ProductRows& product() const { return product_; }
  [[nodiscard]] std::span<const double> norms() const { return norms_; }

 private:
  Matrix<double> x_;
  ProductRows product_;
  std::vector<double> norms_;
};

using Placed = std::vector<std::unique_ptr<PlacedRows>>;

Placed placed_rows(const kernels::Context& context, std::span<const PlacedLayer> layers,
                   int64_t begin, int64_t end, Precision precision) {
  Placed rows(layers.size());
  kernels::parallel_for(context, std::ssize(layers), 1, [&](int64_t first, int64_t last) {
    for (int64_t l = first; l < last; ++l)
      rows[static_cast<size_t>(l)] =
          std::make_unique<PlacedRows>(layers[static_cast<size_t>(l)], begin, end, precision);
  });
  return rows;
}

void fill_stripe(const kernels::Context& one, const PairwiseLayer& layer, const PlacedRows& x,
                 const PlacedRows& y, int64_t begin, int64_t end, bool on_diagonal,
                 MatrixView<double> tile) {
  const auto stripe = tile.slice(begin, end);
  x.product().dots(one, begin, end, y.product(), tile.cols(), stripe);
  layer.finish(x.x().view().slice(begin, end),
               x.norms().subspan(static_cast<size_t>(begin), static_cast<size_t>(end - begin)),
               y.x().view(), y.norms(), stripe);
  if (!on_diagonal) return;
  for (int64_t i = begin; i < end; ++i)
    std::ranges::fill(tile.row(i).subspan(static_cast<size_t>(i)), 0.0);
}

/// Calls body(tile, rows below, rows beside) tile after tile over the lower triangle.
void for_each_pair_of_blocks(
    const kernels::Context& context, std::span<const PlacedLayer> layers, Precision precision,
    const std::function<void(const PairTile&, const Placed&, const Placed&)>& body) {
  if (layers.empty()) return;
  const int64_t n = layers[0].layer->rows().rows();
  for (int64_t i = 0; i < n; i += kTileRows) {
    const int64_t i_end = std::min(n, i + kTileRows);
    const Placed below = placed_rows(context, layers, i, i_end, precision);
    for (int64_t j = 0; j <= i; j += kTileRows) {
      const int64_t j_end = std::min(n, j + kTileRows);
      const Placed other = i == j ? Placed{} : placed_rows(context, layers, j, j_end, precision);
      body({i, i_end, j, j_end}, below, i == j ? below : other);
    }
  }
}

}  // namespace

void for_each_tile(const kernels::Context& context, std::span<const PlacedLayer> layers,
                   Precision precision,
                   const std::function<void(const PairTile&, MatrixView<const double>)>& body) {
  const int64_t count = std::ssize(layers);
  const kernels::Context one{context.backend, 1};
  for_each_pair_of_blocks(
      context, layers, precision,
      [&](const PairTile& pairs, const Placed& below, const Placed& beside) {
        const int64_t rows = pairs.i_end - pairs.i_begin;
        const int64_t cols = pairs.j_end - pairs.j_begin;
        Matrix<double> entries(count, rows * cols);
        const int64_t stripes = (rows + kStripeRows - 1) / kStripeRows;
        kernels::parallel_for(context, count * stripes, 1, [&](int64_t first, int64_t last) {
          for (int64_t s = first; s < last; ++s) {
            const auto l = static_cast<size_t>(s / stripes);
            const int64_t begin = s % stripes * kStripeRows;
            const MatrixView<double> tile(entries.row(s / stripes).data(), rows, cols);
            fill_stripe(one, *layers[l].layer, *below[l], *beside[l], begin,
                        std::min(rows, begin + kStripeRows), pairs.i_begin == pairs.j_begin, tile);
          }
        });
        body(pairs, entries.view());
      });
}

void for_each_row_tile(
    const kernels::Context& context, std::span<const PlacedLayer> layers,
    const std::function<void(const PairTile&, std::span<const kernels::TileLayer>)>& body) {
  for_each_pair_of_blocks(
      context, layers, Precision::f64,
      [&](const PairTile& pairs, const Placed& below, const Placed& beside) {
        std::vector<kernels::TileLayer> rows;
        for (size_t l = 0; l < layers.size(); ++l)
          rows.push_back({below[l]->x().view(), beside[l]->x().view(), layers[l].layer->kernel()});
        body(pairs, rows);
      });
}

}  // namespace consilience::engine
