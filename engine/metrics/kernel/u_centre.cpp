#include "engine/metrics/kernel/u_centre.h"

#include <cstdint>
#include <vector>

namespace consilience::engine {

void u_centre(Matrix<double>& k) {
  const int64_t n = k.rows();
  std::vector<double> sums(static_cast<size_t>(n));
  double total = 0;
  for (int64_t i = 0; i < n; ++i) {
    k(i, i) = 0;
    for (const double v : k.row(i)) sums[static_cast<size_t>(i)] += v;
    total += sums[static_cast<size_t>(i)];
  }
  const auto m = static_cast<double>(n);
  for (int64_t i = 0; i < n; ++i)
    for (int64_t j = 0; j < n; ++j)
      k(i, j) = i == j
                    ? 0
                    : k(i, j) -
                          (sums[static_cast<size_t>(i)] + sums[static_cast<size_t>(j)]) / (m - 2) +
                          total / ((m - 1) * (m - 2));
}

}  // namespace consilience::engine
