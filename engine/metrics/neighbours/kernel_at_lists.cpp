#include "engine/metrics/neighbours/kernel_at_lists.h"

#include <algorithm>
#include <numeric>

#include "engine/metrics/prepared_grid.h"
#include "kernels/base/parallel.h"

namespace consilience::engine {
namespace {

constexpr int64_t kRowsAtOnce = 64;

double dot(std::span<const double> u, std::span<const double> v) {
  return std::inner_product(u.begin(), u.end(), v.begin(), 0.0);
}

std::vector<double> column_means(const kernels::Conditioned& features) {
  const int64_t n = features.x.rows();
  std::vector<double> mean(static_cast<size_t>(features.x.cols()));
  for (int64_t begin = 0; begin < n; begin += kRowsAtOnce) {
    const Matrix<double> block = widen(features, begin, std::min(n, begin + kRowsAtOnce));
    for (int64_t r = 0; r < block.rows(); ++r)
      std::ranges::transform(mean, block.row(r), mean.begin(), std::plus<>());
  }
  for (double& value : mean) value /= static_cast<double>(n);
  return mean;
}

}  // namespace

KernelAtLists kernel_at_lists(const kernels::Context& context, const kernels::Conditioned& features,
                              kernels::ListView lists, int k) {
  const int64_t n = lists.rows();
  const std::vector<double> mean = column_means(features);
  KernelAtLists kernel{Matrix<double>(n, k), std::vector<double>(static_cast<size_t>(n)),
                       std::vector<double>(static_cast<size_t>(n))};
  kernels::parallel_for(context, n, kRowsAtOnce, [&](int64_t begin, int64_t end) {
    const Matrix<double> rows = widen(features, begin, end);
    for (int64_t i = begin; i < end; ++i) {
      const auto row = rows.row(i - begin);
      kernel.row_mean[static_cast<size_t>(i)] = dot(row, mean);
      kernel.self[static_cast<size_t>(i)] = dot(row, row);
      for (int c = 0; c < k; ++c) {
        const int32_t j = lists(i, c);
        kernel.value(i, c) = dot(row, widen(features, j, j + 1).row(0));
      }
    }
  });
  return kernel;
}

}  // namespace consilience::engine
