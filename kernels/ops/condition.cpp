#include "kernels/ops/condition.h"

#include <algorithm>
#include <cmath>

#include "kernels/base/conditioned_value.h"
#include "kernels/ops/backends.h"

namespace consilience::kernels {
namespace {

void check_quantile(std::span<const MatrixView<const float>> layers, double q, const char* op) {
  expect(q >= 0 && q <= 1, "{}: q must lie in [0, 1], found {}", op, q);
  const bool any = std::any_of(layers.begin(), layers.end(), [](auto x) { return !x.empty(); });
  expect(any, "{}: no values: expected at least one layer that is not empty", op);
}

}  // namespace

void check_finite(const Context& context, MatrixView<const float> x, std::string_view name) {
  if (x.empty()) return;
  const std::optional<Cell> bad = dispatch(
      context, [&] { return reference::first_not_finite(context, x); },
      [&] { return cpu::first_not_finite(context, x); },
      [&] { return cuda::first_not_finite(context, x); });
  if (!bad) return;
  const float value = x(bad->row, bad->column);
  fail(Failure::never, "{}: row {}, column {} is {}: expected finite values", name, bad->row,
       bad->column, std::isnan(value) ? "NaN" : (value > 0 ? "infinity" : "-infinity"));
}

float abs_quantile(const Context& context, std::span<const MatrixView<const float>> layers,
                   double q) {
  check_quantile(layers, q, "abs_quantile");
  int64_t count = 0;
  for (const auto& x : layers) count += x.rows() * x.cols();
  const auto rank = static_cast<int64_t>(std::floor(q * static_cast<double>(count)));
  const int64_t place = std::min(count - 1, rank);
  return dispatch(
      context, [&] { return reference::abs_select(context, layers, place); },
      [&] { return cpu::abs_select(context, layers, place); },
      [&] { return cuda::abs_select(context, layers, place); });
}

double mean_sample_quantile(const Context& context, std::span<const MatrixView<const float>> layers,
                            double q) {
  check_quantile(layers, q, "mean_sample_quantile");
  for (const auto& x : layers) {
    expect(x.rows() == layers[0].rows(),
           "mean_sample_quantile: layers of one model must have equal rows: {} and {}",
           layers[0].rows(), x.rows());
  }
  return dispatch(
      context, [&] { return reference::mean_sample_quantile(context, layers, q); },
      [&] { return cpu::mean_sample_quantile(context, layers, q); },
      [&] { return cuda::mean_sample_quantile(context, layers, q); });
}

std::vector<double> column_mean(const Context& context, MatrixView<const float> x, float clamp) {
  expect(x.rows() > 0, "column_mean: no rows: expected at least 1");
  if (x.cols() == 0) return {};
  return dispatch(
      context, [&] { return reference::column_mean(context, x, clamp); },
      [&] { return cpu::column_mean(context, x, clamp); },
      [&] { return cuda::column_mean(context, x, clamp); });
}

std::vector<double> row_scales(const Context& context, MatrixView<const float> x, float clamp,
                               std::span<const double> mean) {
  expect(mean.empty() || std::ssize(mean) == x.cols(),
         "row_scales: a mean of {} values for {} columns", mean.size(), x.cols());
  if (x.rows() == 0) return {};
  return dispatch(
      context, [&] { return reference::row_scales(context, x, clamp, mean); },
      [&] { return cpu::row_scales(context, x, clamp, mean); },
      [&] { return cuda::row_scales(context, x, clamp, mean); });
}

std::optional<int64_t> first_differing_row(MatrixView<const float> x, float clamp) {
  for (int64_t i = 1; i < x.rows(); ++i) {
    for (int64_t f = 0; f < x.cols(); ++f) {
      if (clamped(x(i, f), clamp) != clamped(x(0, f), clamp)) return i;
    }
  }
  return std::nullopt;
}

}  // namespace consilience::kernels
