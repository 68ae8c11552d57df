#include "kernels/cpu/rotation.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/random_matrix.h"

namespace consilience::kernels::cpu {
namespace {

using testing::normal_matrix;

double dot(const std::vector<float>& a, const std::vector<float>& b) {
  double sum = 0;
  for (size_t f = 0; f < a.size(); ++f) sum += double{a[f]} * b[f];
  return sum;
}

std::vector<float> rotated(const Rotation& rotation, std::span<const float> row) {
  std::vector<float> out(row.begin(), row.end());
  out.resize(static_cast<size_t>(rotation.length()));
  rotation.apply(out.data());
  return out;
}

TEST(Rotation, KeepsProducts) {
  for (const int64_t d : {1, 7, 16, 17, 100, 384, 768, 1024, 5000}) {
    const Rotation rotation(d);
    const auto rows = normal_matrix(2, d, 3);
    const auto a = rotated(rotation, rows.row(0));
    const auto b = rotated(rotation, rows.row(1));
    const std::vector<float> x(rows.row(0).begin(), rows.row(0).end());
    const std::vector<float> y(rows.row(1).begin(), rows.row(1).end());
    const double room = 2 * rotation.error() * std::sqrt(dot(x, x) * dot(y, y)) + 1e-30;
    EXPECT_NEAR(dot(a, b), dot(x, y), room) << d;
    EXPECT_NEAR(dot(a, a), dot(x, x), room * 2) << d;
  }
}

TEST(Rotation, SpreadsOneFeatureOverAll) {
  for (const int64_t d : {64, 384, 768, 1000}) {
    const Rotation rotation(d);
    for (const int64_t f : {int64_t{0}, d / 3, d - 1}) {
      std::vector<float> spike(static_cast<size_t>(d));
      spike[static_cast<size_t>(f)] = 1;
      float largest = 0;
      for (const float value : rotated(rotation, spike)) {
        largest = std::max(largest, std::fabs(value));
      }
      EXPECT_LT(largest, 6 / std::sqrt(static_cast<float>(d))) << "feature " << f << " of " << d;
    }
  }
}

}  // namespace
}  // namespace consilience::kernels::cpu
