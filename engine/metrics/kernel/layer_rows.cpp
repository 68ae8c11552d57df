#include "engine/metrics/kernel/layer_rows.h"

#include <algorithm>
#include <cmath>

#include "engine/linalg/linalg.h"
#include "engine/metrics/prepared_grid.h"
#include "kernels/base/parallel.h"

#include <fmt/ranges.h>

namespace consilience::engine {
namespace {

constexpr int64_t kBlockRows = 1024;
constexpr int64_t kPassRows = 64;  // of a pass over rows: they stay in the cache
/// What is left of a row or a layer after centring counts as rounding below this share of its
/// energy; f32 features that do differ stay far above it.
constexpr double kNothingLeft = 1e-26;
constexpr size_t kRowsNamed = 5;

/// sum of (row - from)^2 in eight lanes, which vectors can add at once; `from` empty: 0.
double energy(std::span<const double> row, std::span<const double> from = {}) {
  constexpr size_t kLanes = 8;
  double lanes[kLanes] = {};
  const auto add = [&](size_t f, size_t lane) {
    const double x = from.empty() ? row[f] : row[f] - from[f];
    lanes[lane] += x * x;
  };
  const size_t whole = row.size() / kLanes * kLanes;
  for (size_t f = 0; f < whole; f += kLanes)
    for (size_t lane = 0; lane < kLanes; ++lane) add(f + lane, lane);
  for (size_t f = whole; f < row.size(); ++f) add(f, f - whole);
  return ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) +
         ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]));
}

double mean_of(std::span<const double> row) {
  double sum = 0;
  for (const double x : row) sum += x;
  return sum / static_cast<double>(row.size());
}

/// Turns a row into one of norm 1; a row without direction becomes 0.
void to_unit(std::span<double> row, bool centre) {
  const double before = energy(row);
  const double mean = centre ? mean_of(row) : 0;
  for (double& x : row) x -= mean;
  const double left = energy(row);
  const double scale = left <= kNothingLeft * before ? 0 : 1 / std::sqrt(left);
  for (double& x : row) x *= scale;
}

std::string flat_rows(const std::vector<double>& squared_norms, RowForm form) {
  std::vector<size_t> flat;
  for (size_t i = 0; i < squared_norms.size(); ++i)
    if (squared_norms[i] == 0) flat.push_back(i);
  if (flat.empty()) return "";
  const size_t named = std::min(flat.size(), kRowsNamed);
  return fmt::format(
      "row{} {}{} {} {}; drop {} from both sides", flat.size() > 1 ? "s" : "",
      fmt::join(flat.begin(), flat.begin() + static_cast<std::ptrdiff_t>(named), ", "),
      flat.size() > named ? fmt::format(" and {} more", flat.size() - named) : "",
      flat.size() > 1 ? "have" : "has",
      form == RowForm::standardised ? "equal values, so no correlation distance"
                                    : "norm 0, so no cosine distance",
      flat.size() > 1 ? "them" : "it");
}

}  // namespace

LayerRows::LayerRows(const kernels::Context& context, const kernels::Conditioned& features,
                     RowForm form, int without_pcs)
    : one_thread_{context.backend, 1}, features_(features), form_(form) {
  if (form_ == RowForm::centred) fit_mean();
  if (without_pcs > 0 && reason_.empty()) fit_components(context, without_pcs);
  measure_norms(context);
  if (form_ != RowForm::centred) reason_ = flat_rows(squared_norms_, form_);
}

Matrix<double> LayerRows::block(int64_t begin, int64_t end) const {
  Matrix<double> block = widen(features_, begin, end);
  shape(block);
  return block;
}

Matrix<double> LayerRows::gather(std::span<const int32_t> indices) const {
  Matrix<double> block(std::ssize(indices), cols());
  for (int64_t i = 0; i < block.rows(); ++i) {
    const int64_t from = indices[static_cast<size_t>(i)];
    std::ranges::copy(widen(features_, from, from + 1).values(), block.row(i).begin());
  }
  shape(block);
  return block;
}

double LayerRows::mean_squared_distance() const {
  double sum = 0;
  for (const double norm : squared_norms_) sum += norm;
  return 2 * sum / static_cast<double>(rows() - 1);
}

void LayerRows::shape(Matrix<double>& block) const {
  for (int64_t i = 0; i < block.rows(); ++i) {
    const auto row = block.row(i);
    if (form_ != RowForm::centred) to_unit(row, form_ == RowForm::standardised);
    for (size_t f = 0; f < mean_.size(); ++f) row[f] -= mean_[f];
  }
  if (components_.rows() == 0) return;
  using linalg::Op;
  const Matrix<double> along =
      linalg::product(one_thread_, block.view(), Op::none, components_.view(), Op::transpose);
  const Matrix<double> projected =
      linalg::product(one_thread_, along.view(), Op::none, components_.view(), Op::none);
  for (size_t i = 0; i < block.values().size(); ++i) block.values()[i] -= projected.values()[i];
}

void LayerRows::fit_mean() {
  std::vector<double> mean(static_cast<size_t>(cols()));
  double before = 0;
  double left = 0;
  const auto over_blocks = [&](const auto& body) {
    for (int64_t begin = 0; begin < rows(); begin += kPassRows) {
      const Matrix<double> block = widen(features_, begin, std::min(rows(), begin + kPassRows));
      for (int64_t i = 0; i < block.rows(); ++i) body(block.row(i));
    }
  };
  over_blocks([&](std::span<const double> row) {
    for (size_t f = 0; f < mean.size(); ++f) mean[f] += row[f];
    before += energy(row);
  });
  for (double& m : mean) m /= static_cast<double>(rows());
  over_blocks([&](std::span<const double> row) { left += energy(row, mean); });
  if (left <= kNothingLeft * before) reason_ = "all rows are equal";
  mean_ = std::move(mean);
}

void LayerRows::fit_components(const kernels::Context& context, int count) {
  if (count >= std::min(rows() - 1, cols())) {
    reason_ = fmt::format("{} principal components are all that {} rows of {} features have", count,
                          rows(), cols());
    return;
  }
  using linalg::Op;
  Matrix<double> covariance(cols(), cols());
  for (int64_t begin = 0; begin < rows(); begin += kBlockRows) {
    const Matrix<double> x = block(begin, std::min(rows(), begin + kBlockRows));
    const Matrix<double> part =
        linalg::product(context, x.view(), Op::transpose, x.view(), Op::none);
    for (size_t f = 0; f < part.values().size(); ++f) covariance.values()[f] += part.values()[f];
  }
  const linalg::Eigen eigen = linalg::eigen_symmetric(context, covariance.view());
  Matrix<double> leading(count, cols());
  for (int64_t c = 0; c < count; ++c)
    for (int64_t f = 0; f < cols(); ++f) leading(c, f) = eigen.vectors(f, cols() - 1 - c);
  components_ = std::move(leading);
}

void LayerRows::measure_norms(const kernels::Context& context) {
  squared_norms_.resize(static_cast<size_t>(rows()));
  kernels::parallel_for(context, rows(), kPassRows, [&](int64_t begin, int64_t end) {
    const Matrix<double> x = block(begin, end);
    for (int64_t i = begin; i < end; ++i)
      squared_norms_[static_cast<size_t>(i)] = energy(x.row(i - begin));
  });
}

}  // namespace consilience::engine
