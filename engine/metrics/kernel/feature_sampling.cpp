#include "engine/metrics/kernel/feature_sampling.h"

#include <algorithm>
#include <vector>

namespace consilience::engine {
namespace {

constexpr int64_t kBlockRows = 1024;

}  // namespace

double single_feature_hsic(const LayerRows& rows) {
  const auto d = static_cast<size_t>(rows.cols());
  std::vector<double> second(d);
  std::vector<double> fourth(d);
  for (int64_t begin = 0; begin < rows.rows(); begin += kBlockRows) {
    const Matrix<double> x = rows.block(begin, std::min(rows.rows(), begin + kBlockRows));
    for (int64_t i = 0; i < x.rows(); ++i)
      for (size_t f = 0; f < d; ++f) {
        const double square = x.row(i)[f] * x.row(i)[f];
        second[f] += square;
        fourth[f] += square * square;
      }
  }
  const auto n = static_cast<double>(rows.rows());
  double sum = 0;
  for (size_t f = 0; f < d; ++f) {
    const double both = second[f] * second[f];
    sum += both - fourth[f] + both / ((n - 1) * (n - 2)) - 2 * fourth[f] / (n - 2);
  }
  return sum / (n * (n - 3));
}

double corrected_for_features(double self_hsic, double single_features, int64_t features) {
  const auto d = static_cast<double>(features);
  return d / (d - 1) * (self_hsic - single_features);
}

}  // namespace consilience::engine
