#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <vector>

#include "kernels/base/matrix.h"

/// Linear algebra by the textbook, for small matrices: what the library's is tested against.
namespace consilience::testing {

using Dense = Matrix<double>;

inline Dense widened(const Matrix<float>& x) {
  Dense out(x.rows(), x.cols());
  std::ranges::copy(x.values(), out.values().begin());
  return out;
}

inline Dense transposed(const Dense& a) {
  Dense out(a.cols(), a.rows());
  for (int64_t i = 0; i < a.rows(); ++i)
    for (int64_t j = 0; j < a.cols(); ++j) out(j, i) = a(i, j);
  return out;
}

inline Dense times(const Dense& a, const Dense& b) {
  Dense out(a.rows(), b.cols());
  for (int64_t i = 0; i < a.rows(); ++i)
    for (int64_t j = 0; j < b.cols(); ++j)
      for (int64_t k = 0; k < a.cols(); ++k) out(i, j) += a(i, k) * b(k, j);
  return out;
}

inline Dense centred(Dense x) {
  for (int64_t f = 0; f < x.cols(); ++f) {
    double mean = 0;
    for (int64_t i = 0; i < x.rows(); ++i) mean += x(i, f) / static_cast<double>(x.rows());
    for (int64_t i = 0; i < x.rows(); ++i) x(i, f) -= mean;
  }
  return x;
}

inline double frobenius(const Dense& x) {
  return std::sqrt(
      std::inner_product(x.values().begin(), x.values().end(), x.values().begin(), 0.0));
}

/// Cyclic Jacobi: a = vectors diag(values) vectors', descending.
struct PlainEigen {
  std::vector<double> values;
  Dense vectors;
};
inline PlainEigen jacobi(Dense a) {
  const int64_t d = a.rows();
  Dense v(d, d);
  for (int64_t i = 0; i < d; ++i) v(i, i) = 1;
  for (int sweep = 0; sweep < 60; ++sweep)
    for (int64_t p = 0; p < d; ++p)
      for (int64_t q = p + 1; q < d; ++q) {
        if (a(p, q) == 0) continue;
        const double angle = 0.5 * std::atan2(2 * a(p, q), a(q, q) - a(p, p));
        const double c = std::cos(angle), s = std::sin(angle);
        for (int64_t k = 0; k < d; ++k) {
          const double x = a(k, p), y = a(k, q);
          a(k, p) = c * x - s * y;
          a(k, q) = s * x + c * y;
        }
        for (int64_t k = 0; k < d; ++k) {
          const double x = a(p, k), y = a(q, k);
          a(p, k) = c * x - s * y;
          a(q, k) = s * x + c * y;
        }
        for (int64_t k = 0; k < d; ++k) {
          const double x = v(k, p), y = v(k, q);
          v(k, p) = c * x - s * y;
          v(k, q) = s * x + c * y;
        }
      }
  std::vector<int64_t> order(static_cast<size_t>(d));
  std::iota(order.begin(), order.end(), 0);
  std::ranges::sort(order, [&](int64_t i, int64_t j) { return a(i, i) > a(j, j); });
  PlainEigen result{{}, Dense(d, d)};
  for (int64_t c = 0; c < d; ++c) {
    const int64_t from = order[static_cast<size_t>(c)];
    result.values.push_back(a(from, from));
    for (int64_t k = 0; k < d; ++k) result.vectors(k, c) = v(k, from);
  }
  return result;
}

/// vectors diag(f(values)) vectors'.
template <typename Function>
Dense of_symmetric(const Dense& a, Function f) {
  const PlainEigen eigen = jacobi(a);
  Dense scaled = eigen.vectors;
  for (int64_t i = 0; i < scaled.rows(); ++i)
    for (int64_t j = 0; j < scaled.cols(); ++j)
      scaled(i, j) *= f(eigen.values[static_cast<size_t>(j)]);
  return times(scaled, transposed(eigen.vectors));
}
inline Dense inverse_root(const Dense& a) {
  return of_symmetric(a, [](double value) { return 1 / std::sqrt(value); });
}
inline Dense inverse(const Dense& a) {
  return of_symmetric(a, [](double value) { return 1 / value; });
}

/// Square roots of the eigenvalues of the smaller of a'a and aa', descending.
inline std::vector<double> plain_singular_values(const Dense& a) {
  const Dense gram = a.cols() <= a.rows() ? times(transposed(a), a) : times(a, transposed(a));
  std::vector<double> values = jacobi(gram).values;
  for (double& value : values) value = std::sqrt(std::max(0.0, value));
  return values;
}
inline double nuclear_norm(const Dense& a) {
  const std::vector<double> s = plain_singular_values(a);
  return std::accumulate(s.begin(), s.end(), 0.0);
}

}  // namespace consilience::testing
