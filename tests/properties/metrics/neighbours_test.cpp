#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "kernels/base/philox.h"
#include "tests/support/metric_sides.h"
#include "tests/support/random_matrix.h"

namespace consilience::testing {
namespace {

struct Shape {
  int64_t n, dx, dy;
};

const std::vector<Shape> kShapes = {{12, 2, 3}, {25, 8, 3}, {40, 5, 60}, {64, 12, 9}};

/// What each metric says of a space and itself, and what it may be.
struct Claims {
  std::string metric;
  double self = 1;     // NaN: a space with itself has no fixed value
  bool shift = false;  // a common shift changes nothing
};

class NeighbourMetric : public ::testing::TestWithParam<Claims> {
 protected:
  [[nodiscard]] double value(const Matrix<float>& x, const Matrix<float>& y) const {
    return score(metric_, x, y);
  }
  const engine::MetricSpec metric_ = engine::parse_metric(GetParam().metric);
  const engine::MetricInfo& info_ = engine::metric_info(metric_.name);
};

Matrix<float> related(const Matrix<float>& x, int64_t d, uint64_t seed) {
  Matrix<float> y = normal_matrix(x.rows(), d, seed);
  for (int64_t i = 0; i < y.rows(); ++i)
    for (int64_t f = 0; f < std::min(d, x.cols()); ++f) y(i, f) += x(i, f);
  return y;
}

/// Multiples of 2^-8: sums and turns by quarters stay exact.
Matrix<float> coarse(Matrix<float> x) {
  for (float& v : x.values()) v = std::round(v * 256) / 256;
  return x;
}

/// The reflection 1 - 2 u u' with u = (1, 1, 1, 1) / 2 in four columns: entries are halves.
Matrix<float> reflected(const Matrix<float>& x, int64_t first) {
  Matrix<float> turned = x;
  for (int64_t i = 0; i < x.rows(); ++i) {
    float sum = 0;
    for (int64_t f = first; f < first + 4; ++f) sum += x(i, f);
    for (int64_t f = first; f < first + 4; ++f) turned(i, f) -= sum / 2;
  }
  return turned;
}

TEST_P(NeighbourMetric, StaysInItsRange) {
  for (const auto& [n, dx, dy] : kShapes) {
    const Matrix<float> x = normal_matrix(n, dx, 1);
    for (const uint64_t seed : {2, 3}) {
      const double s = value(x, seed == 2 ? related(x, dy, seed) : normal_matrix(n, dy, seed));
      EXPECT_GE(s, info_.lowest);
      EXPECT_LE(s, info_.highest);
    }
  }
}

TEST_P(NeighbourMetric, OfASpaceWithItself) {
  if (std::isnan(GetParam().self)) return;
  for (const auto& [n, dx, dy] : kShapes) {
    const Matrix<float> x = normal_matrix(n, dx, 1);
    const double self = info_.larger_is_closer ? GetParam().self : 2 / static_cast<double>(n);
    EXPECT_NEAR(value(x, x), self, metric_.name == "cknna_prh_code" ? 1e-3 : 1e-12);
  }
}

TEST_P(NeighbourMetric, SymmetryAsDeclared) {
  bool differs = false;
  for (const auto& [n, dx, dy] : kShapes) {
    const Matrix<float> x = normal_matrix(n, dx, 1);
    const Matrix<float> y = related(x, dy, 2);
    if (info_.symmetric) {
      EXPECT_NEAR(value(x, y), value(y, x), 1e-12);
    } else {
      differs = differs || value(x, y) != value(y, x);
    }
  }
  EXPECT_EQ(differs, !info_.symmetric);
}

TEST_P(NeighbourMetric, ACommonRowOrderChangesNothing) {
  for (const auto& [n, dx, dy] : kShapes) {
    const auto to = kernels::permutation(4, 0, kernels::Purpose::row_order, 0, n);
    const auto moved = [&](const Matrix<float>& x) {
      Matrix<float> rows(x.rows(), x.cols());
      for (int64_t i = 0; i < n; ++i)
        std::ranges::copy(x.row(i), rows.row(to[static_cast<size_t>(i)]).begin());
      return rows;
    };
    const Matrix<float> x = normal_matrix(n, dx, 1);
    const Matrix<float> y = related(x, dy, 2);
    EXPECT_NEAR(value(moved(x), moved(y)), value(x, y), 1e-12);
  }
}

TEST_P(NeighbourMetric, APositiveFactorChangesNothing) {
  for (const auto& [n, dx, dy] : kShapes) {
    const Matrix<float> x = normal_matrix(n, dx, 1);
    Matrix<float> y = related(x, dy, 2);
    const double before = value(x, y);
    for (float& v : y.values()) v *= 1024;
    EXPECT_NEAR(value(x, y), before, 1e-12);
  }
}

TEST_P(NeighbourMetric, OrthogonalMapsChangeNothing) {
  for (const int64_t n : {14, 50}) {
    const Matrix<float> x = coarse(normal_matrix(n, 12, 1));
    const Matrix<float> y = coarse(related(x, 9, 2));
    const double before = value(x, y);
    Matrix<float> turned = reflected(reflected(reflected(x, 0), 2), 7);
    EXPECT_NE(turned.values(), x.values());
    EXPECT_NEAR(value(turned, y), before, 1e-12);
    EXPECT_NEAR(value(x, reflected(reflected(y, 5), 3)), before, 1e-12);
  }
}

TEST_P(NeighbourMetric, AShiftChangesWhatItMay) {
  bool changed = false;
  for (const auto& [n, dx, dy] : kShapes) {
    const Matrix<float> x = coarse(normal_matrix(n, dx, 1));
    const Matrix<float> y = coarse(related(x, dy, 2));
    Matrix<float> moved = x;
    for (float& v : moved.values()) v += 2;
    if (GetParam().shift) {
      EXPECT_NEAR(value(moved, y), value(x, y), 1e-12);
    } else {
      changed = changed || std::abs(value(moved, y) - value(x, y)) > 1e-9;
    }
  }
  EXPECT_EQ(changed, !GetParam().shift);
}

INSTANTIATE_TEST_SUITE_P(
    Metrics, NeighbourMetric,
    ::testing::Values(Claims{"mutual_knn(k=5, preprocess=l2)"},
                      Claims{"mutual_knn(k=5, similarity=euclidean, preprocess=raw)", 1, true},
                      Claims{"mutual_knn_chance_corrected(k=5, preprocess=l2)"},
                      Claims{"jaccard_knn(k=5, preprocess=l2)"},
                      Claims{"cycle_knn(k=2, preprocess=l2)", std::nan("")},
                      Claims{"lcs_knn(k=5, preprocess=l2)"}, Claims{"edit_knn(k=5, preprocess=l2)"},
                      Claims{"rbo_knn(k=5, preprocess=l2)"},
                      Claims{"rbo_knn(k=7, p=0.5, similarity=euclidean, preprocess=raw)", 1, true},
                      Claims{"information_imbalance", 0, true},
                      Claims{"cknna_eq16(k=5, preprocess=l2)"},
                      Claims{"cknna_eq16(k=5, similarity=euclidean, preprocess=raw)"},
                      Claims{"cknna_eq16_row_mean_without_self(k=5, preprocess=l2)"},
                      Claims{"cknna_prh_code(k=5, preprocess=l2)"},
                      Claims{"mutual_knn_tie_min(k=5, preprocess=l2)"},
                      Claims{"mutual_knn_tie_max(k=5, preprocess=l2)"}),
    [](const auto& claims) {
      std::string name;
      for (const char c : claims.param.metric)
        name += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
      return name;
    });

TEST(MutualKnn, TriangleBound) {
  for (const auto& [n, dx, dy] : kShapes)
    for (const uint64_t seed : {1, 2, 3, 4})
      for (const std::string text : {"mutual_knn(k=5, preprocess=l2)",
                                     "mutual_knn(k=9, similarity=euclidean, preprocess=raw)"}) {
        const auto metric = engine::parse_metric(text);
        const Matrix<float> b = normal_matrix(n, dx, seed);
        Matrix<float> a = b, c = b;
        for (size_t v = 0; v < b.values().size(); ++v) {
          a.values()[v] += 0.2F * normal_matrix(1, 1, 100 * seed + v)(0, 0);
          c.values()[v] += 0.2F * normal_matrix(1, 1, 777 * seed + v)(0, 0);
        }
        EXPECT_GE(score(metric, a, c), score(metric, a, b) + score(metric, b, c) - 1 - 1e-12);
      }
}

TEST(MutualKnn, BoundsOfItsRelatives) {
  for (const auto& [n, dx, dy] : kShapes) {
    const Matrix<float> x = normal_matrix(n, dx, 1);
    const Matrix<float> y = related(x, dy, 2);
    const auto of = [&](const std::string& name) { return score(name + "(k=6)", x, y); };
    const double s = of("mutual_knn");
    EXPECT_LE(of("jaccard_knn"), s);
    EXPECT_LE(of("lcs_knn"), s);
    EXPECT_LE(of("edit_knn"), of("lcs_knn"));
    EXPECT_LE(of("mutual_knn_tie_min"), s);
    EXPECT_GE(of("mutual_knn_tie_max"), s);
    EXPECT_EQ(of("mutual_knn_permutation_mean"), 6 / static_cast<double>(n - 1));
  }
}

}  // namespace
}  // namespace consilience::testing
