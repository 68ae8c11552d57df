#include "engine/metrics/kernel/lower_triangles.h"

#include <algorithm>

#include "kernels/base/parallel.h"

namespace consilience::engine {
namespace {

constexpr int64_t kStripeRows = 128;

void fill(const kernels::Context& context, const PairwiseLayer& layer, Precision precision,
          std::span<double> triangle) {
  const int64_t n = layer.rows().rows();
  const Matrix<double> x = layer.rows().block(0, n);
  const ProductRows rows(x, precision);
  const std::span<const double> norms = layer.rows().squared_norms();
  const kernels::Context one{context.backend, 1};
  kernels::parallel_for(context, n, kStripeRows, [&](int64_t begin, int64_t end) {
    Matrix<double> entries(end - begin, end);
    rows.dots(one, begin, end, rows, end, entries.view());
    layer.finish(x.view().slice(begin, end),
                 norms.subspan(static_cast<size_t>(begin), static_cast<size_t>(end - begin)),
                 x.view().slice(0, end), norms.first(static_cast<size_t>(end)), entries.view());
    for (int64_t i = begin; i < end; ++i)
      std::copy_n(entries.row(i - begin).begin(), i, triangle.begin() + triangle_row(i));
  });
}

}  // namespace

Matrix<double> lower_triangles(const kernels::Context& context,
                               std::span<const PairwiseLayer> layers, Precision precision) {
  if (layers.empty()) return {};
  Matrix<double> triangles(std::ssize(layers), triangle_row(layers[0].rows().rows()));
  for (int64_t l = 0; l < triangles.rows(); ++l)
    fill(context, layers[static_cast<size_t>(l)], precision, triangles.row(l));
  return triangles;
}

Matrix<double> square_of(int64_t n, std::span<const double> triangle) {
  Matrix<double> square(n, n);
  for (int64_t i = 0; i < n; ++i)
    for (int64_t j = 0; j < i; ++j)
      square(i, j) = square(j, i) = triangle[static_cast<size_t>(triangle_row(i) + j)];
  return square;
}

void gather_triangle_rows(const Matrix<double>& square, std::span<const int32_t> place,
                          int64_t begin, int64_t end, double* to) {
  for (int64_t i = begin; i < end; ++i) {
    const double* from = square.row(place[static_cast<size_t>(i)]).data();
    for (int64_t j = 0; j < i; ++j) *to++ = from[place[static_cast<size_t>(j)]];
  }
}

}  // namespace consilience::engine
