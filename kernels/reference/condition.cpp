#include <algorithm>
#include <cmath>

#include "kernels/base/conditioned_value.h"
#include "kernels/base/fixed_sum.h"
#include "kernels/base/interpolated_quantile.h"
#include "kernels/ops/backends.h"

namespace consilience::kernels::reference {

std::optional<Cell> first_not_finite(const Context&, MatrixView<const float> x) {
  for (int64_t i = 0; i < x.rows(); ++i) {
    for (int64_t f = 0; f < x.cols(); ++f) {
      if (!std::isfinite(x(i, f))) return Cell{i, f};
    }
  }
  return std::nullopt;
}

float abs_select(const Context&, Layers layers, int64_t rank) {
  std::vector<float> all;
  for (const auto& x : layers) {
    for (int64_t i = 0; i < x.rows(); ++i) {
      for (const float value : x.row(i)) all.push_back(std::fabs(value));
    }
  }
  std::sort(all.begin(), all.end());
  return all[static_cast<size_t>(rank)];
}

double mean_sample_quantile(const Context&, Layers layers, double q) {
  const int64_t n = layers[0].rows();
  const int64_t blocks = column_blocks(n);
  std::vector<double> sums(static_cast<size_t>(blocks));
  for (int64_t i = 0; i < n; ++i) {
    std::vector<float> sample;
    for (const auto& x : layers) {
      for (const float value : x.row(i)) sample.push_back(std::fabs(value));
    }
    sums[static_cast<size_t>(i / kColumnBlockRows)] += interpolated_quantile(sample, q);
  }
  reduce_column_blocks(sums, blocks, 1);
  return sums[0] / static_cast<double>(n);
}

std::vector<double> column_mean(const Context&, MatrixView<const float> x, float clamp) {
  const int64_t d = x.cols();
  const int64_t blocks = column_blocks(x.rows());
  std::vector<double> sums(static_cast<size_t>(blocks * d));
  for (int64_t i = 0; i < x.rows(); ++i) {
    double* sum = sums.data() + i / kColumnBlockRows * d;
    for (int64_t f = 0; f < d; ++f) sum[f] += static_cast<double>(clamped(x(i, f), clamp));
  }
  reduce_column_blocks(sums, blocks, d);
  sums.resize(static_cast<size_t>(d));
  for (double& sum : sums) sum /= static_cast<double>(x.rows());
  return sums;
}

std::vector<double> row_scales(const Context&, MatrixView<const float> x, float clamp,
                               std::span<const double> mean) {
  std::vector<double> scales(static_cast<size_t>(x.rows()));
  for (int64_t i = 0; i < x.rows(); ++i) {
    const auto v = [&](int64_t f) {
      return conditioned(x(i, f), clamp, mean.empty() ? 0.0 : mean[static_cast<size_t>(f)]);
    };
    scales[static_cast<size_t>(i)] = 1.0 / std::sqrt(fixed_dot(x.cols(), v, v));
  }
  return scales;
}

}  // namespace consilience::kernels::reference
