#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/base/backend.h"
#include "kernels/base/matrix.h"

namespace consilience::kernels {

/// What stands at (i, j) of a layer's symmetric [n, n] matrix: x_i . x_j; exp(-|x_i - x_j|^2 /
/// (2 sigma^2)); |x_i - x_j|; |x_i - x_j|^2; half of that (1 - x_i . x_j of unit rows).
enum class PairEntry { dot, rbf, distance, squared_distance, half_squared_distance };

/// An entry, less `shift` where that is not 0: of rbf and distance, where `shift` is the entry at
/// the squared distance `typical`.
struct PairKernel {
  PairEntry entry = PairEntry::dot;
  double sigma = 0;  // of rbf
  double typical = 0;
  double shift = 0;
};

/// One layer's part in a tile: its entries e(i, j) of rows x_i [r, d] with rows y_j [c, d].
struct TileLayer {
  MatrixView<const double> x;
  MatrixView<const double> y;
  PairKernel kernel;
};

/// What HSIC needs of a tile of M layers, the first A of which are one side.
struct TileSums {
  Matrix<double> products;      // [A, M - A] sums over i, j of e_a e_b
  Matrix<double> row_sums;      // [M, r] over j
  Matrix<double> column_sums;   // [M, c] over i
  std::vector<double> squares;  // [M] sums over i, j of e^2
};

/// Everything is double and in a fixed order: a dot product or a squared distance is T over
/// features (numerics, section 1), a sum over j is T over j, a sum over i of those T over i. So all
/// backends give the same bits, but where a device's exp is not the host's (rbf): there each entry
/// is within kExpUlps of the host's.
///   layers: M, all of one r and one c. below_diagonal: only j < i counts, as in a tile on the
///   diagonal; the others are 0. Memory is 8 M r c bytes.
/// Throws Error(never) when shapes disagree, or r, c or M is above 32,768.
[[nodiscard]] TileSums hsic_tiles(const Context& context, std::span<const TileLayer> layers,
                                  int64_t first_side, bool below_diagonal);

/// Units in the last place that separate an rbf entry of two backends at most: exp and expm1 are
/// within one of the exact value on either.
inline constexpr double kExpUlps = 2;

}  // namespace consilience::kernels
