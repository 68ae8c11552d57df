#pragma once
#include <string>

#include "tests/support/plain_algebra.h"

/// The alignment metrics straight from their definitions, for n > d and full rank.
namespace consilience::testing::reference {

/// x (x'x)^(-1/2) of centred x: an orthonormal basis of its columns.
inline Dense whitened(const Dense& x) {
  const Dense c = centred(x);
  return times(c, inverse_root(times(transposed(c), c)));
}

inline double cca_mean(const Dense& x, const Dense& y) {
  const auto rho = plain_singular_values(times(transposed(whitened(x)), whitened(y)));
  return std::accumulate(rho.begin(), rho.end(), 0.0) / static_cast<double>(rho.size());
}

/// Unit-norm projections of centred x on its first principal axes [n, rank].
inline Dense principal(const Dense& x, int64_t rank) {
  const Dense c = centred(x);
  const PlainEigen eigen = jacobi(times(transposed(c), c));
  const Dense projected = times(c, eigen.vectors);
  Dense out(x.rows(), rank);
  for (int64_t i = 0; i < x.rows(); ++i)
    for (int64_t r = 0; r < rank; ++r)
      out(i, r) = projected(i, r) / std::sqrt(eigen.values[static_cast<size_t>(r)]);
  return out;
}

inline double svcca(const Dense& x, int64_t rank_x, const Dense& y, int64_t rank_y) {
  const auto rho =
      plain_singular_values(times(transposed(principal(x, rank_x)), principal(y, rank_y)));
  return std::accumulate(rho.begin(), rho.end(), 0.0) / static_cast<double>(rho.size());
}

/// Weighted by x; by_samples: the sum over samples of |h| instead of over features of |<h, x_j>|.
inline double pwcca(const Dense& x, const Dense& y, bool by_samples) {
  const Dense wx = whitened(x);
  const Dense cross = times(transposed(wx), whitened(y));
  const PlainEigen eigen = jacobi(times(cross, transposed(cross)));
  const Dense variates = times(wx, eigen.vectors);
  const Dense loadings = times(transposed(variates), centred(x));
  double sum = 0, weights = 0;
  for (int64_t i = 0; i < std::min(x.cols(), y.cols()); ++i) {
    double weight = 0;
    if (by_samples)
      for (int64_t s = 0; s < x.rows(); ++s) weight += std::abs(variates(s, i));
    else
      for (int64_t f = 0; f < x.cols(); ++f) weight += std::abs(loadings(i, f));
    sum += weight * std::sqrt(std::max(0.0, eigen.values[static_cast<size_t>(i)]));
    weights += weight;
  }
  return sum / weights;
}

/// Minimising coefficients [p, m] of centred sides: (p'p + alpha I)^-1 p't.
inline Dense coefficients(const Dense& predictor, const Dense& target, double alpha) {
  Dense gram = times(transposed(predictor), predictor);
  for (int64_t f = 0; f < gram.rows(); ++f) gram(f, f) += alpha;
  return times(inverse(gram), times(transposed(predictor), target));
}

inline double linear_r2(const Dense& predictor, const Dense& target) {
  const Dense p = centred(predictor), t = centred(target);
  const double explained = frobenius(times(p, coefficients(p, t, 0)));
  return explained * explained / (frobenius(t) * frobenius(t));
}

inline double nbs(const Dense& x, const Dense& y) {
  const Dense a = centred(x), b = centred(y);
  return nuclear_norm(times(transposed(a), b)) / (frobenius(a) * frobenius(b));
}

inline double procrustes_distance(const Dense& x, const Dense& y) {
  const Dense a = centred(x), b = centred(y);
  const double na = frobenius(a), nb = frobenius(b);
  return std::sqrt(na * na + nb * nb - 2 * nuclear_norm(times(transposed(a), b)));
}

inline double shape(const Dense& x, const Dense& y, double alpha) {
  const auto partly = [alpha](const Dense& side) {
    const Dense c = centred(side);
    Dense map = inverse_root(times(transposed(c), c));
    for (double& value : map.values()) value *= 1 - alpha;
    for (int64_t f = 0; f < map.rows(); ++f) map(f, f) += alpha;
    return times(c, map);
  };
  return std::acos(std::min(1.0, nbs(partly(x), partly(y))));
}

/// Out-of-fold predictions [n, m] of 5 contiguous folds by the normal equations. `fold_of` gets the
/// fold of every row.
inline Dense ridge_predictions(const Dense& x, const Dense& y, double alpha,
                               std::vector<int>& fold_of) {
  const int64_t n = x.rows();
  fold_of.clear();
  for (int k = 0; k < 5; ++k)
    for (int64_t i = 0; i < n / 5 + (k < n % 5 ? 1 : 0); ++i) fold_of.push_back(k);
  Dense predicted(n, y.cols());
  for (int k = 0; k < 5; ++k) {
    std::vector<int64_t> train;
    for (int64_t i = 0; i < n; ++i)
      if (fold_of[static_cast<size_t>(i)] != k) train.push_back(i);
    const auto rows = [&](const Dense& side, std::vector<double>& mean) {
      Dense out(std::ssize(train), side.cols());
      mean.assign(static_cast<size_t>(side.cols()), 0.0);
      for (int64_t i = 0; i < out.rows(); ++i)
        for (int64_t f = 0; f < side.cols(); ++f) {
          out(i, f) = side(train[static_cast<size_t>(i)], f);
          mean[static_cast<size_t>(f)] += out(i, f) / static_cast<double>(out.rows());
        }
      return centred(out);
    };
    std::vector<double> mean_x, mean_y;
    const Dense p = rows(x, mean_x), t = rows(y, mean_y);
    const Dense w = coefficients(p, t, alpha);
    for (int64_t i = 0; i < n; ++i) {
      if (fold_of[static_cast<size_t>(i)] != k) continue;
      for (int64_t c = 0; c < y.cols(); ++c) {
        predicted(i, c) = mean_y[static_cast<size_t>(c)];
        for (int64_t f = 0; f < x.cols(); ++f)
          predicted(i, c) += (x(i, f) - mean_x[static_cast<size_t>(f)]) * w(f, c);
      }
    }
  }
  return predicted;
}

inline double ridge_r2(const Dense& x, const Dense& y, double alpha) {
  std::vector<int> fold_of;
  const Dense predicted = ridge_predictions(x, y, alpha, fold_of);
  double total = 0;
  for (int k = 0; k < 5; ++k)
    for (int64_t c = 0; c < y.cols(); ++c) {
      double mean = 0, count = 0, residual = 0, variance = 0;
      const auto each = [&](auto visit) {
        for (int64_t i = 0; i < y.rows(); ++i)
          if (fold_of[static_cast<size_t>(i)] == k) visit(i);
      };
      each([&](int64_t i) {
        mean += y(i, c);
        count += 1;
      });
      mean /= count;
      each([&](int64_t i) {
        residual += std::pow(y(i, c) - predicted(i, c), 2);
        variance += std::pow(y(i, c) - mean, 2);
      });
      total += (1 - residual / variance) / static_cast<double>(5 * y.cols());
    }
  return total;
}

inline double ridge_r2_pooled(const Dense& x, const Dense& y, double alpha) {
  std::vector<int> fold_of;
  Dense residual = ridge_predictions(x, y, alpha, fold_of);
  for (int64_t i = 0; i < y.rows(); ++i)
    for (int64_t c = 0; c < y.cols(); ++c) residual(i, c) -= y(i, c);
  const double left = frobenius(residual), all = frobenius(centred(y));
  return 1 - left * left / (all * all);
}

}  // namespace consilience::testing::reference
