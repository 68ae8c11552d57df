#include "engine/metrics/kernel/pairwise_layer.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/linalg/linalg.h"
#include "kernels/base/pair_entry.h"

namespace consilience::engine {
namespace {

/// Below this share of |x|^2 + |y|^2 a squared distance is summed from differences: the short form
/// would keep too few digits, and duplicates must be at distance 0.
constexpr double kNear = 0x1p-6;

double summed_squares(std::span<const double> x, std::span<const double> y) {
  double sum = 0;
  for (size_t f = 0; f < x.size(); ++f) sum += (x[f] - y[f]) * (x[f] - y[f]);
  return sum;
}

}  // namespace

PairwiseLayer::PairwiseLayer(LayerRows rows, PairEntry entry, bool shifted, double sigma)
    : rows_(std::move(rows)), kernel_{entry, sigma} {
  if (!shifted) return;
  kernel_.typical = rows_.mean_squared_distance();
  if (entry == PairEntry::distance) kernel_.shift = std::sqrt(kernel_.typical);
  // With a narrow kernel the entries are near 0 and a shift would swallow them.
  if (entry == PairEntry::rbf && kernel_.typical < 2 * sigma * sigma)
    kernel_.shift = std::exp(-kernel_.typical / (2 * sigma * sigma));
}

void PairwiseLayer::finish(MatrixView<const double> x, std::span<const double> x_norms,
                           MatrixView<const double> y, std::span<const double> y_norms,
                           MatrixView<double> dots) const {
  if (entry() == PairEntry::dot) return;
  for (int64_t i = 0; i < dots.rows(); ++i) {
    const auto row = dots.row(i);
    const double norm = x_norms[static_cast<size_t>(i)];
    for (size_t j = 0; j < row.size(); ++j) {
      const double both = norm + y_norms[j];
      double d2 = both - 2 * row[j];
      if (d2 < kNear * both) d2 = summed_squares(x.row(i), y.row(static_cast<int64_t>(j)));
      row[j] = kernels::pair_entry(kernel_, d2);
    }
  }
}

double PairwiseLayer::entry_of(std::span<const double> x, std::span<const double> y) const {
  if (entry() == PairEntry::dot) return std::inner_product(x.begin(), x.end(), y.begin(), 0.0);
  return kernels::pair_entry(kernel_, summed_squares(x, y));
}

double PairwiseLayer::diagonal(int64_t i) const {
  return entry() == PairEntry::dot ? rows_.squared_norms()[static_cast<size_t>(i)]
                                   : kernels::pair_entry(kernel_, 0);
}

ProductRows::ProductRows(const Matrix<double>& rows, Precision precision) : wide_(&rows) {
  if (precision == Precision::f64) return;
  narrow_ = Matrix<float>(rows.rows(), rows.cols());
  std::ranges::transform(rows.values(), narrow_.values().begin(),
                         [](double v) { return static_cast<float>(v); });
}

void ProductRows::dots(const kernels::Context& context, int64_t begin, int64_t end,
                       const ProductRows& other, int64_t count, MatrixView<double> out) const {
  using linalg::Op;
  if (narrow_.rows() == 0) {
    linalg::product_into(context, wide_->view().slice(begin, end), Op::none,
                         other.wide_->view().slice(0, count), Op::transpose, out);
    return;
  }
  const Matrix<float> product =
      linalg::product(context, narrow_.view().slice(begin, end), Op::none,
                      other.narrow_.view().slice(0, count), Op::transpose);
  for (int64_t i = 0; i < out.rows(); ++i) std::ranges::copy(product.row(i), out.row(i).begin());
}

}  // namespace consilience::engine
