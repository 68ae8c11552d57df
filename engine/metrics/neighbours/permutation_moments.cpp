#include "engine/metrics/neighbours/permutation_moments.h"

#include <algorithm>
#include <array>
#include <limits>
#include <vector>

#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

/// Ordered pairs of listed pairs ((i, j), (u, v)) by what they share. The fifth kind occurs twice.
std::array<double, 6> meetings(const GraphCounts& graph) {
  const auto edges = static_cast<double>(graph.n) * static_cast<double>(graph.k);
  const auto k = static_cast<double>(graph.k);
  const auto reciprocal = static_cast<double>(graph.reciprocal);
  std::array<double, 6> t{};
  t[0] = edges;                                                 // u = i, v = j
  t[1] = reciprocal;                                            // u = j, v = i
  t[2] = edges * (k - 1);                                       // u = i
  t[3] = static_cast<double>(graph.in_degree_squares) - edges;  // v = j
  t[4] = edges * k - reciprocal;                                // u = j only; as often v = i only
  t[5] = edges * edges - t[0] - t[1] - t[2] - t[3] - 2 * t[4];  // all four differ
  return t;
}

}  // namespace

GraphCounts graph_counts(kernels::ListView lists, int k) {
  const auto width = static_cast<size_t>(k);
  GraphCounts counts{.n = lists.rows(), .k = k};
  std::vector<int64_t> in_degree(static_cast<size_t>(counts.n));
  for (int64_t i = 0; i < counts.n; ++i) {
    for (const int32_t j : lists.row(i).first(width)) {
      ++in_degree[static_cast<size_t>(j)];
      const auto back = lists.row(j).first(width);
      counts.reciprocal += std::ranges::find(back, static_cast<int32_t>(i)) != back.end();
    }
  }
  for (const int64_t degree : in_degree) counts.in_degree_squares += degree * degree;
  return counts;
}

ListMoments permutation_moments(const GraphCounts& a, const GraphCounts& b) {
  expect(a.n == b.n && a.k == b.k && a.k < a.n,
         "permutation moments: graphs of {} rows with k = {} and {} rows with k = {}; expected the "
         "same n and k < n",
         a.n, a.k, b.n, b.k);
  const auto n = static_cast<double>(a.n);
  const auto k = static_cast<double>(a.k);
  ListMoments moments{k / (n - 1), std::numeric_limits<double>::quiet_NaN()};
  if (a.n < 4) return moments;
  const double p2 = n * (n - 1);
  const double p3 = p2 * (n - 2);
  const double p4 = p3 * (n - 3);
  const auto s = meetings(a);
  const auto t = meetings(b);
  const double second = (s[0] * t[0] + s[1] * t[1]) / p2 +
                        (s[2] * t[2] + s[3] * t[3] + 2 * s[4] * t[4]) / p3 + s[5] * t[5] / p4;
  const double all = n * k;
  const double first = all * moments.mean;
  moments.variance = std::max(0.0, second - first * first) / (all * all);
  return moments;
}

}  // namespace consilience::engine
