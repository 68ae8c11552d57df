#pragma once
#include <cstdint>

#include "engine/metrics/kernel/layer_rows.h"
#include "kernels/base/backend.h"
#include "kernels/base/matrix.h"

namespace consilience::engine {

/// All that the first three permutation moments need to know of a symmetric matrix K [n, n] whose
/// rows add up to 0: a centred kernel HKH, or a U-centred one (zero diagonal).
struct CentredInvariants {
  int64_t n = 0;
  double trace = 0;            // sum_i K_ii
  double square = 0;           // tr K^2
  double cube = 0;             // tr K^3
  double diagonal_square = 0;  // sum_i K_ii^2
  double diagonal_cube = 0;    // sum_i K_ii^3
  double entry_cube = 0;       // sum_ij K_ij^3
  double loop_path = 0;        // sum_i K_ii (K^2)_ii
  double loop_loop = 0;        // sum_ij K_ii K_ij K_jj
};

/// Of a matrix that is at hand.
[[nodiscard]] CentredInvariants invariants_of(const kernels::Context& context,
                                              MatrixView<const double> k);

/// Of the centred linear kernel X X' of centred rows, in feature space: n d^2 + d^3, and n^2 d in
/// tiles for the sum of cubed entries. No n x n matrix.
[[nodiscard]] CentredInvariants linear_invariants(const kernels::Context& context,
                                                  const LayerRows& rows);

/// Of the U-centred linear kernel, which debiased CKA compares: n^3, and one n x n matrix.
[[nodiscard]] CentredInvariants u_centred_linear_invariants(const kernels::Context& context,
                                                            const LayerRows& rows);

/// Moments of sum_ij K_ij L(r_i, r_j) over all n! relabellings r, each equally likely.
struct ProductMoments {
  double mean = 0;
  double variance = 0;
  double third = 0;  // central
};

/// Exact (Kazi-Aoual et al. 1995, Comput. Stat. Data Anal. 20:643). Throws Error(never) when the
/// sides have different n or n < 2.
[[nodiscard]] ProductMoments permutation_moments(const CentredInvariants& k,
                                                 const CentredInvariants& l);

/// The same of that sum over sqrt(tr K^2 tr L^2): of biased CKA where K and L are centred, of
/// debiased CKA where they are U-centred.
[[nodiscard]] ProductMoments ratio_moments(const CentredInvariants& k, const CentredInvariants& l);

}  // namespace consilience::engine
