#include "kernels/base/fixed_sum.h"
#include "kernels/base/pair_entry.h"
#include "kernels/ops/backends.h"

namespace consilience::kernels::reference {
namespace {

Matrix<double> entries(const TileLayer& layer, bool below_diagonal) {
  Matrix<double> e(layer.x.rows(), layer.y.rows());
  for (int64_t i = 0; i < e.rows(); ++i) {
    for (int64_t j = 0; j < e.cols(); ++j) {
      if (below_diagonal && j >= i) continue;
      const auto x = [&](int64_t f) { return layer.x(i, f); };
      const auto y = [&](int64_t f) { return layer.y(j, f); };
      const auto gap = [&](int64_t f) { return x(f) - y(f); };
      e(i, j) = pair_entry(layer.kernel, of_distances(layer.kernel.entry)
                                             ? fixed_dot(layer.x.cols(), gap, gap)
                                             : fixed_dot(layer.x.cols(), x, y));
    }
  }
  return e;
}

double product(const Matrix<double>& a, const Matrix<double>& b) {
  const auto in_row = [&](int64_t i) {
    return fixed_dot(
        a.cols(), [&](int64_t j) { return a(i, j); }, [&](int64_t j) { return b(i, j); });
  };
  return fixed_dot(a.rows(), in_row, [](int64_t) { return 1.0; });
}

}  // namespace

void hsic_tiles(const Context&, std::span<const TileLayer> layers, int64_t first_side,
                bool below_diagonal, TileSums& sums) {
  const auto one = [](int64_t) { return 1.0; };
  std::vector<Matrix<double>> all;
  for (const TileLayer& layer : layers) all.push_back(entries(layer, below_diagonal));
  for (int64_t l = 0; l < std::ssize(all); ++l) {
    const Matrix<double>& e = all[static_cast<size_t>(l)];
    for (int64_t i = 0; i < e.rows(); ++i)
      sums.row_sums(l, i) = fixed_dot(
          e.cols(), [&](int64_t j) { return e(i, j); }, one);
    for (int64_t j = 0; j < e.cols(); ++j)
      sums.column_sums(l, j) = fixed_dot(
          e.rows(), [&](int64_t i) { return e(i, j); }, one);
    sums.squares[static_cast<size_t>(l)] = product(e, e);
  }
  for (int64_t a = 0; a < sums.products.rows(); ++a)
    for (int64_t b = 0; b < sums.products.cols(); ++b)
      sums.products(a, b) =
          product(all[static_cast<size_t>(a)], all[static_cast<size_t>(first_side + b)]);
}

}  // namespace consilience::kernels::reference
