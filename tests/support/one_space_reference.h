#pragma once
#include "tests/support/plain_algebra.h"

/// The metrics of one space straight from their definitions.
namespace consilience::testing::reference {

/// exp(-sum p ln p), p = values / sum + epsilon.
inline double entropy_rank(const std::vector<double>& values, double epsilon) {
  const double total = std::accumulate(values.begin(), values.end(), 0.0);
  double entropy = 0;
  for (const double value : values) {
    const double p = value / total + epsilon;
    entropy -= p * std::log(p);
  }
  return std::exp(entropy);
}

/// Eigenvalues of the covariance of the columns, descending; n > d.
inline std::vector<double> covariance_spectrum(const Dense& x) {
  const Dense c = centred(x);
  std::vector<double> lambda = jacobi(times(transposed(c), c)).values;
  for (double& value : lambda) value /= static_cast<double>(x.rows() - 1);
  return lambda;
}

inline double participation_ratio(const Dense& x) {
  double sum = 0, squares = 0;
  for (const double value : covariance_spectrum(x)) {
    sum += value;
    squares += value * value;
  }
  return sum * sum / squares;
}

/// Minus the slope of ln lambda on ln rank over ranks first..last, by the normal equations.
inline double alpha_req(const Dense& x, int first, int last, bool equal_weights) {
  const std::vector<double> lambda = covariance_spectrum(x);
  double w0 = 0, w1 = 0, w2 = 0, y0 = 0, y1 = 0;
  for (int i = first; i <= last; ++i) {
    const double w = equal_weights ? 1.0 : 1.0 / i;
    const double lx = std::log(i), ly = std::log(lambda[static_cast<size_t>(i - 1)]);
    w0 += w;
    w1 += w * lx;
    w2 += w * lx * lx;
    y0 += w * ly;
    y1 += w * lx * ly;
  }
  return -(w0 * y1 - w1 * y0) / (w0 * w2 - w1 * w1);
}

inline double squared_distance(const Dense& x, int64_t i, int64_t j) {
  double sum = 0;
  for (int64_t f = 0; f < x.cols(); ++f) sum += (x(i, f) - x(j, f)) * (x(i, f) - x(j, f));
  return sum;
}

inline Dense unit_rows(Dense x) {
  for (int64_t i = 0; i < x.rows(); ++i) {
    double square = 0;
    for (const double value : x.row(i)) square += value * value;
    for (double& value : x.row(i)) value /= std::sqrt(square);
  }
  return x;
}

inline double mean_cosine(const Dense& x) {
  const Dense u = unit_rows(x);
  double sum = 0;
  for (int64_t i = 0; i < x.rows(); ++i)
    for (int64_t j = 0; j < x.rows(); ++j)
      if (i != j) sum += 1 - squared_distance(u, i, j) / 2;
  return sum / static_cast<double>(x.rows() * (x.rows() - 1));
}

inline double uniformity(const Dense& x, double t) {
  const Dense u = unit_rows(x);
  double sum = 0;
  for (int64_t i = 0; i < x.rows(); ++i)
    for (int64_t j = 0; j < i; ++j) sum += std::exp(-t * squared_distance(u, i, j));
  return std::log(2 * sum / static_cast<double>(x.rows() * (x.rows() - 1)));
}

/// ln(r2 / r1) of every row with r1 > 0, ascending.
inline std::vector<double> log_ratios(const Dense& x) {
  std::vector<double> ratios;
  for (int64_t i = 0; i < x.rows(); ++i) {
    std::vector<double> others;
    for (int64_t j = 0; j < x.rows(); ++j)
      if (j != i) others.push_back(std::sqrt(squared_distance(x, i, j)));
    std::ranges::sort(others);
    if (others[0] > 0) ratios.push_back(std::log(others[1] / others[0]));
  }
  std::ranges::sort(ratios);
  return ratios;
}

inline double twonn_mle(const Dense& x) {
  const std::vector<double> ratios = log_ratios(x);
  return static_cast<double>(ratios.size() - 1) /
         std::accumulate(ratios.begin(), ratios.end(), 0.0);
}

inline double twonn_fit(const Dense& x, double kept) {
  const std::vector<double> ratios = log_ratios(x);
  const auto n = static_cast<double>(ratios.size());
  double xy = 0, xx = 0;
  for (size_t i = 1; i <= static_cast<size_t>(n * kept) && i < ratios.size(); ++i) {
    xy -= ratios[i - 1] * std::log(1 - static_cast<double>(i) / n);
    xx += ratios[i - 1] * ratios[i - 1];
  }
  return xy / xx;
}

/// How often each row is among the k nearest by cosine.
inline std::vector<int> in_degrees(const Dense& x, int k) {
  const Dense u = unit_rows(x);
  std::vector<int> degrees(static_cast<size_t>(x.rows()), 0);
  for (int64_t i = 0; i < x.rows(); ++i) {
    std::vector<int64_t> others;
    for (int64_t j = 0; j < x.rows(); ++j)
      if (j != i) others.push_back(j);
    std::ranges::stable_sort(others, [&](int64_t p, int64_t q) {
      return squared_distance(u, i, p) < squared_distance(u, i, q);
    });
    for (int c = 0; c < k; ++c) ++degrees[static_cast<size_t>(others[static_cast<size_t>(c)])];
  }
  return degrees;
}

}  // namespace consilience::testing::reference
