#include <algorithm>
#include <atomic>
#include <cmath>
#include <numeric>

#include "kernels/base/fixed_sum.h"
#include "kernels/base/interpolated_quantile.h"
#include "kernels/base/parallel.h"
#include "kernels/cpu/fixed_dot.h"
#include "kernels/cpu/row_passes.h"
#include "kernels/ops/backends.h"

namespace consilience::kernels::cpu {
namespace {

constexpr int64_t kGrain = 256;              // rows a piece of work
constexpr uint32_t kInfinity = 0x7F800000U;  // its bits; those of NaN are larger

}  // namespace

std::optional<Cell> first_not_finite(const Context& context, MatrixView<const float> x) {
  std::atomic<int64_t> first = x.rows();
  parallel_for(context, x.rows(), kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end && i < first; ++i) {
      if (largest_magnitude(x.row(i).data(), x.cols()) < kInfinity) continue;
      int64_t seen = first;
      while (i < seen && !first.compare_exchange_weak(seen, i)) {
      }
    }
  });
  const int64_t row = first;
  if (row == x.rows()) return std::nullopt;
  const auto values = x.row(row);
  const auto bad =
      std::find_if(values.begin(), values.end(), [](float v) { return !std::isfinite(v); });
  return Cell{row, bad - values.begin()};
}

double mean_sample_quantile(const Context& context, Layers layers, double q) {
  const int64_t n = layers[0].rows();
  std::vector<double> sums(static_cast<size_t>(column_blocks(n)));
  parallel_for(context, n, kColumnBlockRows, [&](int64_t begin, int64_t end) {
    std::vector<float> sample;
    double& sum = sums[static_cast<size_t>(begin / kColumnBlockRows)];
    for (int64_t i = begin; i < end; ++i) {
      sample.clear();
      for (const auto& x : layers) {
        for (const float value : x.row(i)) sample.push_back(std::fabs(value));
      }
      sum += interpolated_quantile(sample, q);
    }
  });
  reduce_column_blocks(sums, std::ssize(sums), 1);
  return sums[0] / static_cast<double>(n);
}

std::vector<double> column_mean(const Context& context, MatrixView<const float> x, float clamp) {
  const int64_t d = x.cols();
  const int64_t blocks = column_blocks(x.rows());
  std::vector<double> sums(static_cast<size_t>(blocks * d));
  parallel_for(context, x.rows(), kColumnBlockRows, [&](int64_t begin, int64_t end) {
    double* sum = sums.data() + begin / kColumnBlockRows * d;
    add_clamped_rows(x.row(begin).data(), end - begin, x.stride(), d, clamp, sum);
  });
  reduce_column_blocks(sums, blocks, d);
  sums.resize(static_cast<size_t>(d));
  for (double& sum : sums) sum /= static_cast<double>(x.rows());
  return sums;
}

std::vector<double> row_scales(const Context& context, MatrixView<const float> x, float clamp,
                               std::span<const double> mean) {
  const Side side(x, clamp, mean);
  std::vector<double> scales(static_cast<size_t>(x.rows()));
  parallel_for(context, x.rows(), kGrain, [&](int64_t begin, int64_t end) {
    std::vector<int32_t> rows(static_cast<size_t>(end - begin));
    std::iota(rows.begin(), rows.end(), static_cast<int32_t>(begin));
    const std::span squares(scales.data() + begin, rows.size());
    fixed_squares(side, rows, squares.data());
    for (double& square : squares) square = 1.0 / std::sqrt(square);
  });
  return scales;
}

}  // namespace consilience::kernels::cpu
