#pragma once
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/neighbor_lists.h"
#include "tests/support/npy.h"
#include "tests/support/source_dir.h"

/// Neighbour lists that numpy's float64 found; see tests/golden/data.
namespace consilience::testing {

inline const std::vector<std::string>& golden_sides() {
  static const std::vector<std::string> sides = {
      "small_corr_x", "small_corr_y",  "small_indep_x", "small_indep_y", "large_corr_x",
      "large_corr_y", "large_indep_x", "large_indep_y", "aniso_x",       "aniso_y",
      "ties_dup_x",   "ties_dup_y",    "wide_x",        "wide_y"};
  return sides;
}

/// The golden files: float64 values that are exact in float32.
inline Matrix<float> golden_features(const std::string& path) {
  const Matrix<double> wide = read_npy<double>(path, "<f8");
  Matrix<float> x(wide.rows(), wide.cols());
  for (size_t e = 0; e < x.values().size(); ++e) {
    x.values()[e] = static_cast<float>(wide.values()[e]);
    EXPECT_EQ(static_cast<double>(x.values()[e]), wide.values()[e]) << path;
  }
  return x;
}

inline void expect_golden_lists(kernels::Backend backend, const std::string& side) {
  const std::string stem = source_dir() + "/tests/golden/data/" + side;
  const Features features = l2_rows(golden_features(stem + ".npy"));
  const Matrix<int32_t> expected = read_npy<int32_t>(stem + "_knn10.npy", "<i4");
  const auto self = self_rows(features.x.rows());
  kernels::NeighborParams params;
  params.self = self;
  const Lists lists = find_neighbors({backend, 0}, features.view(), features.view(), params);
  EXPECT_EQ(lists.index.values(), expected.values()) << side;
}

}  // namespace consilience::testing
