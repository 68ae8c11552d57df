#include "engine/metrics/kernel/feature_products.h"

#include <algorithm>

#include "engine/linalg/linalg.h"

namespace consilience::engine {
namespace {

constexpr int64_t kBlockRows = 2048;

Matrix<float> narrow(const Matrix<double>& wide) {
  Matrix<float> out(wide.rows(), wide.cols());
  std::ranges::transform(wide.values(), out.values().begin(),
                         [](double v) { return static_cast<float>(v); });
  return out;
}

template <typename T>
void add_product(const kernels::Context& context, const Matrix<T>& x, const Matrix<T>& y,
                 Matrix<double>& sum) {
  const Matrix<T> part =
      linalg::product(context, x.view(), linalg::Op::transpose, y.view(), linalg::Op::none);
  for (size_t c = 0; c < part.values().size(); ++c) sum.values()[c] += part.values()[c];
}

}  // namespace

Matrix<double> cross_products(const kernels::Context& context, const LayerRows& x,
                              std::span<const int32_t> place, const LayerRows& y,
                              Precision precision) {
  Matrix<double> sum(x.cols(), y.cols());
  for (int64_t begin = 0; begin < x.rows(); begin += kBlockRows) {
    const int64_t end = std::min(x.rows(), begin + kBlockRows);
    const Matrix<double> left =
        place.empty()
            ? x.block(begin, end)
            : x.gather(place.subspan(static_cast<size_t>(begin), static_cast<size_t>(end - begin)));
    const Matrix<double> right = y.block(begin, end);
    if (precision == Precision::f64)
      add_product(context, left, right, sum);
    else
      add_product(context, narrow(left), narrow(right), sum);
  }
  return sum;
}

double feature_product(const kernels::Context& context, const LayerRows& x,
                       std::span<const int32_t> place, const LayerRows& y, Precision precision) {
  const Matrix<double> c = cross_products(context, x, place, y, precision);
  double squares = 0;
  for (const double value : c.values()) squares += value * value;
  for (size_t i = 0; i < y.squared_norms().size(); ++i) {
    const size_t row = place.empty() ? i : static_cast<size_t>(place[i]);
    squares -= x.squared_norms()[row] * y.squared_norms()[i];
  }
  return squares;
}

}  // namespace consilience::engine
