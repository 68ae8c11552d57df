#include "engine/metrics/kernel/hsic.h"

#include <numeric>

#include "engine/metrics/prepared_grid.h"

namespace consilience::engine {
namespace {

double total(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

double unbiased(double products, const LayerSums& a, std::span<const int32_t> place,
                const LayerSums& b) {
  const auto n = static_cast<double>(place.size());
  double rows = 0;
  for (size_t i = 0; i < place.size(); ++i)
    rows += a.off_diagonal[static_cast<size_t>(place[i])] * b.off_diagonal[i];
  const double totals = total(a.off_diagonal) * total(b.off_diagonal);
  return (products + totals / ((n - 1) * (n - 2)) - 2 * rows / (n - 2)) / (n * (n - 3));
}

double biased(double products, const LayerSums& a, std::span<const int32_t> place,
              const LayerSums& b) {
  const auto n = static_cast<double>(place.size());
  double rows = 0;
  for (size_t i = 0; i < place.size(); ++i) {
    const auto j = static_cast<size_t>(place[i]);
    rows += (a.off_diagonal[j] + a.diagonal[j]) * (b.off_diagonal[i] + b.diagonal[i]);
    products += a.diagonal[j] * b.diagonal[i];
  }
  const double totals =
      (total(a.off_diagonal) + total(a.diagonal)) * (total(b.off_diagonal) + total(b.diagonal));
  return (products - 2 * rows / n + totals / (n * n)) / ((n - 1) * (n - 1));
}

}  // namespace

double hsic(Estimator estimator, double products, const LayerSums& a,
            std::span<const int32_t> place, const LayerSums& b) {
  return estimator == Estimator::biased ? biased(products, a, place, b)
                                        : unbiased(products, a, place, b);
}

double self_hsic(Estimator estimator, const LayerSums& sums) {
  const auto n = static_cast<int64_t>(sums.diagonal.size());
  return hsic(estimator, sums.squares, sums, rows_in_place({}, n), sums);
}

}  // namespace consilience::engine
