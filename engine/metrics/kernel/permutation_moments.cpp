#include "engine/metrics/kernel/permutation_moments.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>
#include <vector>

#include "engine/linalg/linalg.h"
#include "engine/metrics/kernel/edge_patterns.h"
#include "engine/metrics/kernel/feature_products.h"
#include "engine/metrics/kernel/pair_tiles.h"
#include "engine/metrics/kernel/u_centre.h"
#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

constexpr int64_t kBlockRows = 1024;

/// The invariants of K - c H, c such that its trace is 0 (H: the centring matrix). Its statistic
/// differs by a constant, so central moments stay, and they are now plain moments: nothing cancels.
CentredInvariants traceless(const CentredInvariants& k) {
  const auto n = static_cast<double>(k.n);
  const double c = k.trace / (n - 1);
  const double h = (n - 1) / n;  // H_ii; elsewhere H_ij = -1 / n
  CentredInvariants s = k;
  s.trace = 0;
  s.square = k.square - 2 * c * k.trace + c * c * (n - 1);
  s.cube = k.cube - 3 * c * k.square + 3 * c * c * k.trace - c * c * c * (n - 1);
  s.diagonal_square = k.diagonal_square - 2 * c * h * k.trace + n * c * c * h * h;
  s.diagonal_cube = k.diagonal_cube - 3 * c * h * k.diagonal_square + 3 * c * c * h * h * k.trace -
                    n * c * c * c * h * h * h;
  const double with_h = k.diagonal_square - k.square / n;  // sum K_ij^2 H_ij
  const double with_h2 = (h * h - 1 / (n * n)) * k.trace;  // sum K_ij H_ij^2
  const double h3 = n * h * h * h - (n - 1) / (n * n);     // sum H_ij^3
  s.entry_cube = k.entry_cube - 3 * c * with_h + 3 * c * c * with_h2 - c * c * c * h3;
  s.loop_path = k.loop_path - 2 * c * k.diagonal_square + c * c * h * k.trace -
                c * h * (k.square - 2 * c * k.trace + c * c * h * n);
  s.loop_loop = k.loop_loop - c * (k.diagonal_square - k.trace * k.trace / n);
  return s;
}

std::vector<double> second_order_sums(const CentredInvariants& k) {
  return {k.diagonal_square, k.trace * k.trace, k.square};
}

std::vector<double> third_order_sums(const CentredInvariants& k) {
  return {k.diagonal_cube, k.trace * k.diagonal_square, k.loop_loop,        k.loop_path,
          k.entry_cube,    k.trace * k.trace * k.trace, k.trace * k.square, k.cube};
}

double squared(std::span<const double> values) {
  double sum = 0;
  for (const double v : values) sum += v * v;
  return sum;
}

double inner(std::span<const double> x, std::span<const double> y) {
  return std::inner_product(x.begin(), x.end(), y.begin(), 0.0);
}

}  // namespace

CentredInvariants invariants_of(const kernels::Context& context, MatrixView<const double> k) {
  expect(k.rows() == k.cols(), "invariants of a [{}, {}] matrix: expected a square one", k.rows(),
         k.cols());
  const Matrix<double> k2 = linalg::product(context, k, linalg::Op::none, k, linalg::Op::none);
  CentredInvariants s{.n = k.rows()};
  std::vector<double> diagonal;
  for (int64_t i = 0; i < k.rows(); ++i) diagonal.push_back(k(i, i));
  for (int64_t i = 0; i < k.rows(); ++i) {
    const double d = k(i, i);
    s.trace += d;
    s.diagonal_square += d * d;
    s.diagonal_cube += d * d * d;
    s.square += k2(i, i);
    s.loop_path += d * k2(i, i);
    s.loop_loop += d * inner(k.row(i), diagonal);
    s.cube += inner(k2.row(i), k.row(i));
    for (const double v : k.row(i)) s.entry_cube += v * v * v;
  }
  return s;
}

CentredInvariants linear_invariants(const kernels::Context& context, const LayerRows& rows) {
  using linalg::Op;
  CentredInvariants s{.n = rows.rows()};
  const Matrix<double> c = cross_products(context, rows, {}, rows, Precision::f64);
  s.square = squared(c.values());
  const Matrix<double> c2 = linalg::product(context, c.view(), Op::none, c.view(), Op::none);
  s.cube = inner(c2.values(), c.values());
  std::vector<double> weighted(static_cast<size_t>(rows.cols()));  // sum of |x_i|^2 x_i
  for (int64_t begin = 0; begin < rows.rows(); begin += kBlockRows) {
    const Matrix<double> x = rows.block(begin, std::min(rows.rows(), begin + kBlockRows));
    const Matrix<double> xc = linalg::product(context, x.view(), Op::none, c.view(), Op::none);
    for (int64_t i = 0; i < x.rows(); ++i) {
      const double d = rows.squared_norms()[static_cast<size_t>(begin + i)];
      s.trace += d;
      s.diagonal_square += d * d;
      s.diagonal_cube += d * d * d;
      s.loop_path += d * inner(xc.row(i), x.row(i));
      for (size_t f = 0; f < weighted.size(); ++f) weighted[f] += d * x.row(i)[f];
    }
  }
  s.loop_loop = squared(weighted);
  const PairwiseLayer gram(rows, PairEntry::dot, false);
  const PlacedLayer placed{&gram, {}};
  s.entry_cube = s.diagonal_cube;
  for_each_tile(context, {&placed, 1}, Precision::f64,
                [&](const PairTile&, MatrixView<const double> entries) {
                  for (const double v : entries.row(0)) s.entry_cube += 2 * v * v * v;
                });
  return s;
}

CentredInvariants u_centred_linear_invariants(const kernels::Context& context,
                                              const LayerRows& rows) {
  const Matrix<double> x = rows.block(0, rows.rows());
  Matrix<double> k =
      linalg::product(context, x.view(), linalg::Op::none, x.view(), linalg::Op::transpose);
  u_centre(k);
  return invariants_of(context, k.view());
}

ProductMoments permutation_moments(const CentredInvariants& k, const CentredInvariants& l) {
  expect(k.n == l.n && k.n >= 2,
         "permutation moments of {} and {} rows: expected equal numbers >= 2", k.n, l.n);
  const CentredInvariants a = traceless(k);
  const CentredInvariants b = traceless(l);
  return {
      k.trace * l.trace / static_cast<double>(k.n - 1),
      expected_product(k.n, second_order_patterns(), second_order_sums(a), second_order_sums(b)),
      expected_product(k.n, third_order_patterns(), third_order_sums(a), third_order_sums(b))};
}

ProductMoments ratio_moments(const CentredInvariants& k, const CentredInvariants& l) {
  const double scale = std::sqrt(k.square) * std::sqrt(l.square);
  const ProductMoments sum = permutation_moments(k, l);
  return {sum.mean / scale, sum.variance / (scale * scale), sum.third / (scale * scale * scale)};
}

}  // namespace consilience::engine
