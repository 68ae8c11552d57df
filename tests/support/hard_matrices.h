#pragma once
#include <algorithm>
#include <cmath>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "tests/support/random_matrix.h"

/// Features that break neighbour searches: a name and how to make n rows of d columns.
namespace consilience::testing {

struct HardCase {
  std::string name;
  std::function<Matrix<float>(int64_t n, int64_t d)> make;

  friend void PrintTo(const HardCase& hard, std::ostream* out) { *out << hard.name; }
};

inline Matrix<float> scaled_rows(Matrix<float> x, const std::function<double(int64_t)>& factor) {
  for (int64_t i = 0; i < x.rows(); ++i) {
    for (float& value : x.row(i)) value = static_cast<float>(value * factor(i));
  }
  return x;
}

inline Matrix<float> copied_rows(Matrix<float> x, const std::function<int64_t(int64_t)>& source) {
  const Matrix<float> from = x;
  for (int64_t i = 0; i < x.rows(); ++i) std::ranges::copy(from.row(source(i)), x.row(i).begin());
  return x;
}

inline std::vector<HardCase> hard_cases() {
  return {
      {"normal", [](int64_t n, int64_t d) { return normal_matrix(n, d, 1); }},
      {"equal_rows",
       [](int64_t n, int64_t d) {
         return copied_rows(normal_matrix(n, d, 2), [](int64_t) { return 0; });
       }},
      {"duplicates",
       [](int64_t n, int64_t d) {
         return copied_rows(normal_matrix(n, d, 3), [](int64_t i) { return i * i % 7; });
       }},
      {"one_huge_row",
       [](int64_t n, int64_t d) {
         return scaled_rows(normal_matrix(n, d, 4),
                            [n](int64_t i) { return i == n / 2 ? 1e30 : 1.0; });
       }},
      {"class_sorted",
       [](int64_t n, int64_t d) {
         Matrix<float> x = normal_matrix(n, d, 5);
         for (int64_t i = 0; i < n; ++i) {
           for (int64_t f = 0; f < d; ++f) {
             x(i, f) = x(i, f) * 0.1F + static_cast<float>((i * 8 / n + f) % 5);
           }
         }
         return x;
       }},
      {"cosines_near_one",  // 0.99 +- 0.001
       [](int64_t n, int64_t d) {
         Matrix<float> x = normal_matrix(n, d, 6);
         for (float& value : x.values()) value = 1.0F + 0.1F * value;
         return x;
       }},
      {"cosines_within_f32",  // all within a few units of f32
       [](int64_t n, int64_t d) {
         Matrix<float> x = normal_matrix(n, d, 7);
         for (float& value : x.values()) value = 1.0F + 1e-6F * value;
         return x;
       }},
      {"rogue_dimension",
       [](int64_t n, int64_t d) {
         Matrix<float> x = normal_matrix(n, d, 8);
         for (int64_t i = 0; i < n; ++i) x(i, d / 2) = 3000.0F + 0.01F * x(i, d / 2);
         return x;
       }},
      {"power_law_norms",
       [](int64_t n, int64_t d) {
         return scaled_rows(normal_matrix(n, d, 9), [](int64_t i) {
           return std::pow(static_cast<double>(1 + i * 37 % 101), -3.0);
         });
       }},
      {"many_magnitudes",
       [](int64_t n, int64_t d) {
         return scaled_rows(normal_matrix(n, d, 10),
                            [](int64_t i) { return std::pow(10.0, i * 13 % 61 - 30); });
       }},
      {"subnormals",
       [](int64_t n, int64_t d) {
         return scaled_rows(normal_matrix(n, d, 11), [](int64_t) { return 1e-42; });
       }},
      {"small_integers",  // ties everywhere
       [](int64_t n, int64_t d) {
         Matrix<float> x = normal_matrix(n, d, 12);
         for (float& value : x.values()) value = std::round(value);
         return x;
       }},
      {"signs",
       [](int64_t n, int64_t d) {
         Matrix<float> x = normal_matrix(n, d, 13);
         for (float& value : x.values()) value = value < 0 ? -1.0F : 1.0F;
         return x;
       }},
      {"nearly_duplicates",  // groups of rows one unit in the last place apart
       [](int64_t n, int64_t d) {
         Matrix<float> x =
             copied_rows(normal_matrix(n, d, 14), [](int64_t i) { return i - i % 400; });
         for (int64_t i = 0; i < n; ++i) x(i, i % d) = std::nextafter(x(i, i % d), 9.0F);
         return x;
       }},
      {"mostly_zero",
       [](int64_t n, int64_t d) {
         Matrix<float> x = normal_matrix(n, d, 15);
         for (float& value : x.values()) value = std::max(0.0F, value - 1.5F);
         return x;
       }},
  };
}

}  // namespace consilience::testing
