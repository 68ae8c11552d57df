#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "kernels/base/matrix.h"

/// Kernel metrics straight from their definitions: dense, in double, with nothing saved.
namespace consilience::testing {

inline Matrix<double> linear_kernel(const Matrix<float>& x) {
  Matrix<double> k(x.rows(), x.rows());
  for (int64_t i = 0; i < x.rows(); ++i)
    for (int64_t j = 0; j < x.rows(); ++j)
      for (int64_t f = 0; f < x.cols(); ++f) k(i, j) += double{x(i, f)} * double{x(j, f)};
  return k;
}

inline Matrix<double> distances(const Matrix<float>& x) {
  Matrix<double> d(x.rows(), x.rows());
  for (int64_t i = 0; i < x.rows(); ++i)
    for (int64_t j = 0; j < x.rows(); ++j) {
      double sum = 0;
      for (int64_t f = 0; f < x.cols(); ++f) sum += std::pow(double{x(i, f)} - double{x(j, f)}, 2);
      d(i, j) = std::sqrt(sum);
    }
  return d;
}

inline Matrix<double> rbf_kernel(const Matrix<float>& x, double sigma) {
  Matrix<double> k = distances(x);
  for (double& v : k.values()) v = std::exp(-v * v / (2 * sigma * sigma));
  return k;
}

/// Of the n (n - 1) / 2 distances.
inline double median_distance_of(const Matrix<float>& x) {
  const Matrix<double> d = distances(x);
  std::vector<double> all;
  for (int64_t i = 0; i < x.rows(); ++i)
    for (int64_t j = 0; j < i; ++j) all.push_back(d(i, j));
  std::ranges::sort(all);
  return (all[(all.size() - 1) / 2] + all[all.size() / 2]) / 2;
}

/// H K H.
inline Matrix<double> centred(const Matrix<double>& k) {
  const auto n = static_cast<double>(k.rows());
  Matrix<double> c(k.rows(), k.rows());
  std::vector<double> means(static_cast<size_t>(k.rows()));
  double all = 0;
  for (int64_t i = 0; i < k.rows(); ++i)
    for (const double v : k.row(i)) {
      means[static_cast<size_t>(i)] += v / n;
      all += v / (n * n);
    }
  for (int64_t i = 0; i < k.rows(); ++i)
    for (int64_t j = 0; j < k.rows(); ++j)
      c(i, j) = k(i, j) - means[static_cast<size_t>(i)] - means[static_cast<size_t>(j)] + all;
  return c;
}

/// Zero diagonal, rows that add up to 0 (Szekely and Rizzo 2014).
inline Matrix<double> u_centred(const Matrix<double>& k) {
  const auto n = static_cast<double>(k.rows());
  Matrix<double> c(k.rows(), k.rows());
  std::vector<double> sums(static_cast<size_t>(k.rows()));
  double all = 0;
  for (int64_t i = 0; i < k.rows(); ++i)
    for (int64_t j = 0; j < k.rows(); ++j)
      if (i != j) {
        sums[static_cast<size_t>(i)] += k(i, j);
        all += k(i, j);
      }
  for (int64_t i = 0; i < k.rows(); ++i)
    for (int64_t j = 0; j < k.rows(); ++j)
      if (i != j)
        c(i, j) = k(i, j) -
                  (sums[static_cast<size_t>(i)] + sums[static_cast<size_t>(j)]) / (n - 2) +
                  all / ((n - 1) * (n - 2));
  return c;
}

inline double inner_product(const Matrix<double>& a, const Matrix<double>& b) {
  double sum = 0;
  for (size_t i = 0; i < a.values().size(); ++i) sum += a.values()[i] * b.values()[i];
  return sum;
}

/// tr(K H L H) / (n - 1)^2.
inline double hsic_biased(const Matrix<double>& k, const Matrix<double>& l) {
  const auto n = static_cast<double>(k.rows());
  return inner_product(centred(k), centred(l)) / ((n - 1) * (n - 1));
}

/// Song et al. 2012, equation 5, term by term.
inline double hsic_debiased(Matrix<double> k, Matrix<double> l) {
  const auto n = static_cast<double>(k.rows());
  double k_all = 0;
  double l_all = 0;
  double through = 0;
  for (int64_t i = 0; i < k.rows(); ++i) k(i, i) = l(i, i) = 0;
  for (int64_t i = 0; i < k.rows(); ++i) {
    double k_row = 0;
    double l_row = 0;
    for (int64_t j = 0; j < k.rows(); ++j) {
      k_row += k(i, j);
      l_row += l(i, j);
    }
    k_all += k_row;
    l_all += l_row;
    through += k_row * l_row;
  }
  return (inner_product(k, l) + k_all * l_all / ((n - 1) * (n - 2)) - 2 * through / (n - 2)) /
         (n * (n - 3));
}

/// hsic(K, L) / sqrt(hsic(K, K) hsic(L, L)).
template <typename Hsic>
double ratio(Hsic hsic, const Matrix<double>& k, const Matrix<double>& l) {
  return hsic(k, l) / std::sqrt(hsic(k, k) * hsic(l, l));
}

}  // namespace consilience::testing
