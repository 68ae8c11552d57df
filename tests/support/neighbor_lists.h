#pragma once
#include <gtest/gtest.h>

#include <bit>
#include <limits>
#include <vector>

#include "kernels/base/matrix.h"
#include "kernels/ops/neighbors.h"

namespace consilience::testing {

/// Features with everything that conditioning needs, owned.
struct Features {
  Matrix<float> x;
  float clamp = std::numeric_limits<float>::infinity();
  std::vector<double> mean;
  std::vector<double> scale;

  [[nodiscard]] kernels::Conditioned view() const { return {x.view(), clamp, mean, scale}; }
};

/// Rows scaled to length 1, without centring or clamp.
inline Features l2_rows(Matrix<float> x) {
  Features features;
  features.scale =
      kernels::row_scales({kernels::Backend::reference, 1}, x.view(), features.clamp, {});
  features.x = std::move(x);
  return features;
}

/// Centred, then scaled to length 1.
inline Features centred_l2_rows(Matrix<float> x, float clamp) {
  const kernels::Context context = {kernels::Backend::reference, 1};
  Features features;
  features.clamp = clamp;
  features.mean = kernels::column_mean(context, x.view(), clamp);
  features.scale = kernels::row_scales(context, x.view(), clamp, features.mean);
  features.x = std::move(x);
  return features;
}

inline std::vector<int64_t> self_rows(int64_t n) {
  std::vector<int64_t> self(static_cast<size_t>(n));
  for (size_t i = 0; i < self.size(); ++i) self[i] = static_cast<int64_t>(i);
  return self;
}

struct Lists {
  Matrix<int32_t> index;
  Matrix<double> score;
  std::vector<double> next_score;
  std::vector<int32_t> ties;
  kernels::NeighborWork work = {};
};

inline Lists find_neighbors(const kernels::Context& context, const kernels::Conditioned& queries,
                            const kernels::Conditioned& gallery,
                            const kernels::NeighborParams& params) {
  const int64_t q = queries.x.rows();
  Lists lists = {Matrix<int32_t>(q, params.k, -7), Matrix<double>(q, params.k, -7.0),
                 std::vector<double>(static_cast<size_t>(q), -7.0),
                 std::vector<int32_t>(static_cast<size_t>(q), -7)};
  lists.work =
      kernels::neighbors(context, queries, gallery, params,
                         {lists.index.view(), lists.score.view(), lists.next_score, lists.ties});
  return lists;
}

/// Bit for bit; a NaN equals a NaN.
inline bool same_bits(double a, double b) {
  return std::bit_cast<uint64_t>(a) == std::bit_cast<uint64_t>(b) || (a != a && b != b);
}

/// Fails at the first row that differs.
inline void expect_same(const Lists& found, const Lists& expected) {
  ASSERT_EQ(found.index.rows(), expected.index.rows());
  ASSERT_EQ(found.index.cols(), expected.index.cols());
  for (int64_t i = 0; i < found.index.rows(); ++i) {
    for (int64_t c = 0; c < found.index.cols(); ++c) {
      ASSERT_EQ(found.index(i, c), expected.index(i, c)) << "row " << i << ", place " << c;
      ASSERT_PRED2(same_bits, found.score(i, c), expected.score(i, c))
          << "row " << i << ", place " << c;
    }
    const auto at = static_cast<size_t>(i);
    ASSERT_PRED2(same_bits, found.next_score[at], expected.next_score[at]) << "row " << i;
    ASSERT_EQ(found.ties[at], expected.ties[at]) << "row " << i;
  }
}

}  // namespace consilience::testing
