#include "engine/metrics/kernel/pairwise_layer.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/linalg/linalg.h"

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
    : rows_(std::move(rows)), entry_(entry), sigma_(sigma) {
  if (!shifted) return;
  typical_ = rows_.mean_squared_distance();
  if (entry_ == PairEntry::distance) shift_ = std::sqrt(typical_);
  // With a narrow kernel the entries are near 0 and a shift would swallow them.
  if (entry_ == PairEntry::rbf && typical_ < 2 * sigma_ * sigma_)
    shift_ = std::exp(-typical_ / (2 * sigma_ * sigma_));
}

double PairwiseLayer::of_squared_distance(double d2) const {
  switch (entry_) {
    case PairEntry::rbf:
      return shift_ > 0 ? shift_ * std::expm1((typical_ - d2) / (2 * sigma_ * sigma_))
                        : std::exp(-d2 / (2 * sigma_ * sigma_));
    case PairEntry::distance:
      return std::sqrt(d2) - shift_;
    case PairEntry::half_squared_distance:
      return d2 / 2;
    default:
      return d2;
  }
}

void PairwiseLayer::finish(MatrixView<const double> x, std::span<const double> x_norms,
                           MatrixView<const double> y, std::span<const double> y_norms,
                           MatrixView<double> dots) const {
  if (entry_ == PairEntry::dot) return;
  for (int64_t i = 0; i < dots.rows(); ++i) {
    const auto row = dots.row(i);
    const double norm = x_norms[static_cast<size_t>(i)];
    for (size_t j = 0; j < row.size(); ++j) {
      const double both = norm + y_norms[j];
      double d2 = both - 2 * row[j];
      if (d2 < kNear * both) d2 = summed_squares(x.row(i), y.row(static_cast<int64_t>(j)));
      row[j] = of_squared_distance(d2);
    }
  }
}

double PairwiseLayer::entry_of(std::span<const double> x, std::span<const double> y) const {
  if (entry_ == PairEntry::dot) return std::inner_product(x.begin(), x.end(), y.begin(), 0.0);
  return of_squared_distance(summed_squares(x, y));
}

double PairwiseLayer::diagonal(int64_t i) const {
  return entry_ == PairEntry::dot ? rows_.squared_norms()[static_cast<size_t>(i)]
                                  : of_squared_distance(0);
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
