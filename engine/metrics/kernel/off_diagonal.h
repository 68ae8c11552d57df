#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "engine/metrics/kernel/pairwise_layer.h"
#include "kernels/base/backend.h"
#include "kernels/base/matrix.h"

namespace consilience::engine {

/// What closed forms need of one layer's symmetric matrix K beside the products.
struct LayerSums {
  std::vector<double> off_diagonal;  // [n] sums over j != i of K_ij
  std::vector<double> diagonal;      // [n] K_ii
  double squares = 0;                // sum over i != j of K_ij^2
};

/// How the products of two sides' matrices are taken.
enum class Path {
  cheapest,  // the least of the others by multiply-adds (off_diagonal.cpp), memory permitting
  kept,      // every matrix is kept; a relabelling is a gather and a product
  tiles,     // tile by tile, made again for each relabelling
  features,  // dot entries only: sum over i != j of K_ij L_ij = |X'Y|^2 - sum |x_i|^2 |y_i|^2
};

/// Off-diagonal products of the layers of two sides.
struct OffDiagonal {
  std::vector<LayerSums> a, b;
  /// [A, B] of sums over i != j of K(r_i, r_j) L(i, j): row r_i of a stands at place i.
  std::function<Matrix<double>(std::span<const int32_t> relabelling)> products;
  bool parallel_inside = false;
};

[[nodiscard]] OffDiagonal off_diagonal(const kernels::Context& context,
                                       std::vector<PairwiseLayer> a, std::vector<PairwiseLayer> b,
                                       Precision precision, Path path = Path::cheapest);

}  // namespace consilience::engine
