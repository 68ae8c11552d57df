#pragma once
#include <cmath>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "kernels/base/matrix.h"

/// Representational similarity straight from its definition.
namespace consilience::testing {

/// The dissimilarity of two rows.
inline double dissimilarity(const std::string& rdm, std::span<const float> a,
                            std::span<const float> b) {
  const auto d = static_cast<double>(a.size());
  double mean_a = 0;
  double mean_b = 0;
  for (size_t f = 0; f < a.size() && rdm == "correlation"; ++f) {
    mean_a += double{a[f]} / d;
    mean_b += double{b[f]} / d;
  }
  double ab = 0;
  double aa = 0;
  double bb = 0;
  double squares = 0;
  for (size_t f = 0; f < a.size(); ++f) {
    ab += (double{a[f]} - mean_a) * (double{b[f]} - mean_b);
    aa += (double{a[f]} - mean_a) * (double{a[f]} - mean_a);
    bb += (double{b[f]} - mean_b) * (double{b[f]} - mean_b);
    squares += (double{a[f]} - double{b[f]}) * (double{a[f]} - double{b[f]});
  }
  if (rdm == "euclidean") return std::sqrt(squares);
  return rdm == "sqeuclidean" ? squares : 1 - ab / std::sqrt(aa * bb);
}

/// The n (n - 1) / 2 entries.
inline std::vector<double> rdm_entries(const std::string& rdm, const Matrix<float>& x) {
  std::vector<double> entries;
  for (int64_t i = 0; i < x.rows(); ++i)
    for (int64_t j = 0; j < i; ++j) entries.push_back(dissimilarity(rdm, x.row(i), x.row(j)));
  return entries;
}

inline double cosine_of(const std::vector<double>& x, const std::vector<double>& y) {
  double xy = 0;
  double xx = 0;
  double yy = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    xy += x[i] * y[i];
    xx += x[i] * x[i];
    yy += y[i] * y[i];
  }
  return xy / std::sqrt(xx * yy);
}

inline double pearson_of(std::vector<double> x, std::vector<double> y) {
  for (auto* v : {&x, &y}) {
    double mean = 0;
    for (const double value : *v) mean += value / static_cast<double>(v->size());
    for (double& value : *v) value -= mean;
  }
  return cosine_of(x, y);
}

/// Ranks by counting: 1 + smaller ones + half of the equal others.
inline std::vector<double> ranks_by_counting(const std::vector<double>& x) {
  std::vector<double> ranks;
  for (const double a : x) {
    double rank = 0.5;
    for (const double b : x) rank += b < a ? 1 : b == a ? 0.5 : 0;
    ranks.push_back(rank);
  }
  return ranks;
}

inline double kendall_by_counting(const std::vector<double>& x, const std::vector<double>& y) {
  double sum = 0;
  double pairs = 0;
  for (size_t i = 0; i < x.size(); ++i)
    for (size_t j = 0; j < i; ++j) {
      const auto sign = [](double v) { return v > 0 ? 1 : v < 0 ? -1 : 0; };
      sum += sign(x[i] - x[j]) * sign(y[i] - y[j]);
      ++pairs;
    }
  return sum / pairs;
}

/// Entries near 1 rounded to 12 decimals, so that equal distances tie.
inline std::vector<double> rounded(std::vector<double> x) {
  for (double& v : x) v = std::round(v * 1e12) / 1e12;
  return x;
}

inline double plain_rsa(const std::string& comparison, const std::vector<double>& x,
                        const std::vector<double>& y) {
  if (comparison == "pearson") return pearson_of(x, y);
  if (comparison == "cosine") return cosine_of(x, y);
  if (comparison == "spearman")
    return pearson_of(ranks_by_counting(rounded(x)), ranks_by_counting(rounded(y)));
  return kendall_by_counting(rounded(x), rounded(y));
}

}  // namespace consilience::testing
