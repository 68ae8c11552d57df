#include <algorithm>
#include <array>

#include "kernels/base/fixed_sum.h"
#include "kernels/base/pair_entry.h"
#include "kernels/base/parallel.h"
#include "kernels/cpu/fixed_dot.h"
#include "kernels/ops/backends.h"

namespace consilience::kernels::cpu {
namespace {

constexpr int64_t kSide = kTileSide;
constexpr int64_t kStripeRows = 32;

int64_t padded(int64_t count) { return (count + kLanes - 1) / kLanes * kLanes; }

/// Rows in double, padded with zeros to whole lanes: as fixed_dot_tile reads them.
Matrix<double> padded_rows(MatrixView<const double> x) {
  Matrix<double> rows(x.rows(), padded(x.cols()));
  for (int64_t i = 0; i < x.rows(); ++i) std::ranges::copy(x.row(i), rows.row(i).begin());
  return rows;
}

using Rows = std::array<const double*, kTileSide>;

/// Rows [begin, begin + kSide) by `row`; past the last of `count` that one again.
template <typename Row>
Rows rows_from(int64_t begin, int64_t count, const Row& row) {
  Rows rows{};
  for (int64_t s = 0; s < kSide; ++s)
    rows[static_cast<size_t>(s)] = row(std::min(begin + s, count - 1));
  return rows;
}

/// Everything of one call: entries [M] of [r, c], rows padded with zeros.
class Tile {
 public:
  Tile(const Context& context, std::span<const TileLayer> layers, bool below_diagonal)
      : r_(layers[0].x.rows()), c_(layers[0].y.rows()), entries_(layers.size()) {
    std::vector<Matrix<double>> xs(layers.size());
    std::vector<Matrix<double>> ys(layers.size());
    parallel_for(context, std::ssize(layers), 1, [&](int64_t begin, int64_t end) {
      for (auto l = static_cast<size_t>(begin); l < static_cast<size_t>(end); ++l) {
        xs[l] = padded_rows(layers[l].x);
        ys[l] = padded_rows(layers[l].y);
        entries_[l] = Matrix<double>(r_, padded(c_));
      }
    });
    const int64_t stripes = (r_ + kStripeRows - 1) / kStripeRows;
    parallel_for(context, std::ssize(layers) * stripes, 1, [&](int64_t begin, int64_t end) {
      for (int64_t s = begin; s < end; ++s) {
        const auto l = static_cast<size_t>(s / stripes);
        const int64_t first = s % stripes * kStripeRows;
        fill(layers[l].kernel, xs[l], ys[l], first, std::min(r_, first + kStripeRows),
             below_diagonal, entries_[l]);
      }
    });
  }

  [[nodiscard]] const double* row(int64_t layer, int64_t i) const {
    return entries_[static_cast<size_t>(layer)].row(i).data();
  }

  void add_margins(int64_t layer, std::span<double> row_sums, std::span<double> column_sums) const {
    std::vector<double> lanes(static_cast<size_t>(kLanes * c_));
    for (int64_t i = 0; i < r_; ++i) {
      const double* e = row(layer, i);
      double lane[kLanes] = {};
      for (int64_t j = 0; j < padded(c_); j += kLanes)
        for (int64_t s = 0; s < kLanes; ++s) lane[s] += e[j + s];
      row_sums[static_cast<size_t>(i)] = lane_tree(lane);
      double* column = lanes.data() + i % kLanes * c_;
      for (int64_t j = 0; j < c_; ++j) column[j] += e[j];
    }
    for (int64_t j = 0; j < c_; ++j) {
      double lane[kLanes];
      for (int64_t s = 0; s < kLanes; ++s) lane[s] = lanes[static_cast<size_t>(s * c_ + j)];
      column_sums[static_cast<size_t>(j)] = lane_tree(lane);
    }
  }

  /// out [kSide, kSide]: products of layers [a, a + kSide) below a_end with [b, b + kSide) below
  /// b_end.
  void multiply(int64_t a, int64_t a_end, int64_t b, int64_t b_end, double* out) const {
    double lanes[kSide * kSide][kLanes] = {};
    for (int64_t i = 0; i < r_; ++i) {
      const auto at = [&](int64_t layer) { return row(layer, i); };
      double tile[kSide * kSide];
      fixed_dot_tile(rows_from(a, a_end, at).data(), rows_from(b, b_end, at).data(), padded(c_),
                     Similarity::dot, tile);
      for (int64_t p = 0; p < kSide * kSide; ++p) lanes[p][i % kLanes] += tile[p];
    }
    for (int64_t p = 0; p < kSide * kSide; ++p) out[p] = lane_tree(lanes[p]);
  }

 private:
  static void fill(const PairKernel& kernel, const Matrix<double>& x, const Matrix<double>& y,
                   int64_t begin, int64_t end, bool below_diagonal, Matrix<double>& entries) {
    const auto similarity = of_distances(kernel.entry) ? Similarity::euclidean : Similarity::dot;
    for (int64_t i = begin; i < end; i += kSide) {
      const int64_t rows = std::min(kSide, end - i);
      const int64_t columns = below_diagonal ? std::min(y.rows(), i + rows) : y.rows();
      const Rows left = rows_from(i, x.rows(), [&](int64_t at) { return x.row(at).data(); });
      for (int64_t j = 0; j < columns; j += kSide) {
        const Rows right = rows_from(j, y.rows(), [&](int64_t at) { return y.row(at).data(); });
        double tile[kSide * kSide];
        fixed_dot_tile(left.data(), right.data(), x.cols(), similarity, tile);
        for (int64_t s = 0; s < rows; ++s)
          for (int64_t t = 0; t < std::min(kSide, y.rows() - j); ++t)
            if (!below_diagonal || j + t < i + s)
              entries(i + s, j + t) = pair_entry(kernel, tile[s * kSide + t]);
      }
    }
  }

  int64_t r_, c_;
  std::vector<Matrix<double>> entries_;
};

}  // namespace

void hsic_tiles(const Context& context, std::span<const TileLayer> layers, int64_t first_side,
                bool below_diagonal, TileSums& sums) {
  const int64_t count = std::ssize(layers);
  const Tile tile(context, layers, below_diagonal);
  parallel_for(context, count, 1, [&](int64_t begin, int64_t end) {
    for (int64_t l = begin; l < end; ++l) {
      tile.add_margins(l, sums.row_sums.row(l), sums.column_sums.row(l));
      double square[kSide * kSide];
      tile.multiply(l, l + 1, l, l + 1, square);
      sums.squares[static_cast<size_t>(l)] = square[0];
    }
  });
  const int64_t patches_b = (count - first_side + kSide - 1) / kSide;
  const int64_t patches = (first_side + kSide - 1) / kSide * patches_b;
  parallel_for(context, patches, 1, [&](int64_t begin, int64_t end) {
    for (int64_t p = begin; p < end; ++p) {
      const int64_t a = p / patches_b * kSide;
      const int64_t b = p % patches_b * kSide;
      double products[kSide * kSide];
      tile.multiply(a, first_side, first_side + b, count, products);
      for (int64_t s = 0; s < std::min(kSide, sums.products.rows() - a); ++s)
        for (int64_t t = 0; t < std::min(kSide, sums.products.cols() - b); ++t)
          sums.products(a + s, b + t) = products[s * kSide + t];
    }
  });
}

}  // namespace consilience::kernels::cpu
