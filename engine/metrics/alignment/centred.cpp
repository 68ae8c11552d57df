#include "engine/metrics/alignment/centred.h"

#include <algorithm>
#include <cmath>

#include "engine/metrics/prepared_grid.h"
#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

std::vector<double> column_norms(const Matrix<double>& x) {
  std::vector<double> squares(static_cast<size_t>(x.cols()), 0.0);
  for (int64_t i = 0; i < x.rows(); ++i)
    for (size_t f = 0; f < squares.size(); ++f) squares[f] += x.row(i)[f] * x.row(i)[f];
  for (double& square : squares) square = std::sqrt(square);
  return squares;
}

void divide_columns(Matrix<double>& x, std::span<const double> by) {
  for (int64_t i = 0; i < x.rows(); ++i)
    for (size_t f = 0; f < by.size(); ++f)
      if (by[f] > 0) x.row(i)[f] /= by[f];
}

void standardise_columns(Matrix<double>& centred) {
  std::vector<double> deviation = column_norms(centred);
  const double root = std::sqrt(static_cast<double>(centred.rows() - 1));
  for (double& norm : deviation) norm /= root;
  divide_columns(centred, deviation);
}

}  // namespace

Matrix<double> centred_columns(const LayerInput& layer, const MetricSpec& metric) {
  expect(layer.features.has_value(), "{}: no features were handed over", layer.name);
  Matrix<double> x = widen(*layer.features);
  const std::vector<double> first(x.row(0).begin(), x.row(0).end());
  for (int64_t i = 0; i < x.rows(); ++i)  // so that a constant column becomes exactly 0
    for (size_t f = 0; f < first.size(); ++f) x.row(i)[f] -= first[f];
  subtract_column_means(x);
  if (metric.preprocess == "standardise") standardise_columns(x);
  return x;
}

std::vector<double> subtract_column_means(Matrix<double>& x) {
  std::vector<double> mean(static_cast<size_t>(x.cols()), 0.0);
  for (int64_t i = 0; i < x.rows(); ++i)
    for (size_t f = 0; f < mean.size(); ++f) mean[f] += x.row(i)[f];
  for (double& sum : mean) sum /= static_cast<double>(x.rows());
  for (int64_t i = 0; i < x.rows(); ++i)
    for (size_t f = 0; f < mean.size(); ++f) x.row(i)[f] -= mean[f];
  return mean;
}

double squared_norm(MatrixView<const double> x) {
  double sum = 0;
  for (int64_t i = 0; i < x.rows(); ++i)
    for (const double value : x.row(i)) sum += value * value;
  return sum;
}

double normalise(Matrix<double>& x) {
  const double norm = std::sqrt(squared_norm(x.view()));
  if (norm > 0)
    for (double& value : x.values()) value /= norm;
  return norm;
}

Matrix<double> columns_times(Matrix<double> x, std::span<const double> factor) {
  for (int64_t i = 0; i < x.rows(); ++i)
    for (size_t c = 0; c < factor.size(); ++c) x.row(i)[c] *= factor[c];
  return x;
}

Directions directions(const linalg::Context& context, const Matrix<double>& x) {
  linalg::Svd svd = linalg::svd(context, x.view());
  Directions kept;
  for (const double s : svd.s)
    if (s > kDirectionTolerance * svd.s[0]) kept.s.push_back(s);
  kept.u = first_columns(svd.u, std::ssize(kept.s));
  return kept;
}

Matrix<double> column_basis(const linalg::Context& context, Matrix<double> centred) {
  divide_columns(centred, column_norms(centred));
  return directions(context, centred).u;
}

Matrix<double> first_columns(const Matrix<double>& x, int64_t count) {
  if (count == x.cols()) return x;
  Matrix<double> out(x.rows(), count);
  for (int64_t i = 0; i < x.rows(); ++i)
    std::ranges::copy(x.row(i).first(static_cast<size_t>(count)), out.row(i).begin());
  return out;
}

Matrix<double> narrowed(const linalg::Context& context, Matrix<double> centred) {
  if (centred.cols() < centred.rows()) return centred;
  const linalg::Svd svd = linalg::svd(context, centred.view());
  return columns_times(svd.u, svd.s);
}

std::string spans_everything(int64_t n, int64_t dimensions) {
  if (dimensions < n - 1) return "";
  return fmt::format(
      "{} dimensions span all of {} centred rows, so any data would score alike; needs n > {}",
      dimensions, n, dimensions + 1);
}

std::string rank_remark(int64_t rank, int64_t d) {
  if (rank == d) return "";
  return fmt::format(
      "{} directions of {} columns are kept; the others are below 2^-23 of the "
      "largest",
      rank, d);
}

}  // namespace consilience::engine
