#pragma once
#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "tests/support/metric_sides.h"
#include "tests/support/random_matrix.h"

/// Neighbour metrics straight from their definitions: full score matrices in double, no shortcut.
namespace consilience::testing::plain {

using List = std::vector<int32_t>;
using Table = std::vector<std::vector<double>>;

inline std::vector<double> row_of(const Matrix<float>& x, int64_t i, bool unit) {
  std::vector<double> row(x.row(i).begin(), x.row(i).end());
  double squares = 0;
  for (const double v : row) squares += v * v;
  if (unit)
    for (double& v : row) v /= std::sqrt(squares);
  return row;
}

/// x_i . x_j, or minus the squared distance.
inline Table scores(const Matrix<float>& x, bool unit, bool euclidean = false) {
  const auto n = static_cast<size_t>(x.rows());
  Table all(n, std::vector<double>(n));
  for (size_t i = 0; i < n; ++i) {
    const auto u = row_of(x, static_cast<int64_t>(i), unit);
    for (size_t j = 0; j < n; ++j) {
      const auto v = row_of(x, static_cast<int64_t>(j), unit);
      for (size_t f = 0; f < u.size(); ++f)
        all[i][j] += euclidean ? -(u[f] - v[f]) * (u[f] - v[f]) : u[f] * v[f];
    }
  }
  return all;
}

/// All other rows, nearest first.
inline std::vector<List> orders(const Table& score) {
  std::vector<List> all;
  for (size_t i = 0; i < score.size(); ++i) {
    List order;
    for (size_t j = 0; j < score.size(); ++j)
      if (j != i) order.push_back(static_cast<int32_t>(j));
    std::ranges::stable_sort(order, [&](int32_t u, int32_t v) {
      return score[i][static_cast<size_t>(u)] > score[i][static_cast<size_t>(v)];
    });
    all.push_back(order);
  }
  return all;
}

inline List first(const List& order, int k) { return {order.begin(), order.begin() + k}; }
inline bool holds(const List& list, int32_t j) { return std::ranges::find(list, j) != list.end(); }
inline int shared(const List& a, const List& b) {
  return static_cast<int>(std::ranges::count_if(a, [&](int32_t j) { return holds(b, j); }));
}

inline int lcs(const List& a, const List& b) {
  std::vector<std::vector<int>> best(a.size() + 1, std::vector<int>(b.size() + 1));
  for (size_t i = 1; i <= a.size(); ++i)
    for (size_t j = 1; j <= b.size(); ++j)
      best[i][j] =
          a[i - 1] == b[j - 1] ? best[i - 1][j - 1] + 1 : std::max(best[i - 1][j], best[i][j - 1]);
  return best.back().back();
}

inline int levenshtein(const List& a, const List& b) {
  std::vector<std::vector<int>> cost(a.size() + 1, std::vector<int>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i)
    for (size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        cost[i][j] = static_cast<int>(i + j);
        continue;
      }
      cost[i][j] = std::min(
          {cost[i - 1][j - 1] + (a[i - 1] != b[j - 1]), cost[i - 1][j] + 1, cost[i][j - 1] + 1});
    }
  return cost.back().back();
}

/// (1 - p) sum over d = 1 .. infinity of p^(d - 1) agreement at depth d, which stays that of depth
/// k beyond the lists: summed until nothing is left of the tail.
inline double rbo(const List& a, const List& b, double p) {
  const int k = static_cast<int>(a.size());
  double sum = 0;
  double weight = 1 - p;
  double agreement = 0;
  for (int d = 1; weight > 1e-20; ++d) {
    if (d <= k) agreement = static_cast<double>(shared(first(a, d), first(b, d))) / d;
    sum += weight * agreement;
    weight *= p;
  }
  return sum;
}

/// Song et al. 2012 over whole matrices.
inline double hsic_1(Table k, Table l) {
  const auto n = static_cast<double>(k.size());
  for (size_t i = 0; i < k.size(); ++i) k[i][i] = l[i][i] = 0;
  double trace = 0, sum_k = 0, sum_l = 0, product = 0;
  for (size_t i = 0; i < k.size(); ++i)
    for (size_t j = 0; j < k.size(); ++j) {
      trace += k[i][j] * l[j][i];
      sum_k += k[i][j];
      sum_l += l[i][j];
      for (size_t m = 0; m < k.size(); ++m) product += k[i][j] * l[j][m];
    }
  return (trace + sum_k * sum_l / ((n - 1) * (n - 2)) - 2 * product / (n - 2)) / (n * (n - 3));
}

inline Table masked(Table kernel, const std::vector<List>& a, const std::vector<List>& b, int k) {
  for (size_t i = 0; i < kernel.size(); ++i)
    for (size_t j = 0; j < kernel.size(); ++j) {
      const auto to = static_cast<int32_t>(j);
      if (!holds(first(a[i], k), to) || !holds(first(b[i], k), to)) kernel[i][j] = 0;
    }
  return kernel;
}

/// Align(K, L) over pairs that both sides list.
inline double align(const Table& k_of, const std::vector<List>& a, const Table& l_of,
                    const std::vector<List>& b, int k, bool with_self) {
  const auto centre = [&](const Table& kernel, size_t i) {
    const double all = std::accumulate(kernel[i].begin(), kernel[i].end(), 0.0);
    const auto n = static_cast<double>(kernel.size());
    return with_self ? all / n : (all - kernel[i][i]) / (n - 1);
  };
  double sum = 0;
  for (size_t i = 0; i < k_of.size(); ++i)
    for (const int32_t j : first(a[i], k))
      if (holds(first(b[i], k), j))
        sum += (k_of[i][static_cast<size_t>(j)] - centre(k_of, i)) *
               (l_of[i][static_cast<size_t>(j)] - centre(l_of, i));
  return sum;
}

}  // namespace consilience::testing::plain
