#pragma once
#include <cstdint>
#include <vector>

#include "kernels/base/matrix.h"
#include "kernels/ops/condition.h"
#include "kernels/ops/overlap.h"

namespace consilience::engine {

/// The linear kernel K_ij = x_i . x_j of conditioned features where a graph lists j for i, and the
/// mean of each whole row: O(n k d + n d), never n x n.
struct KernelAtLists {
  Matrix<double> value;          // [n, k]
  std::vector<double> row_mean;  // [n] over all l, l = i included: x_i . mean(x)
  std::vector<double> self;      // [n] K_ii
};

[[nodiscard]] KernelAtLists kernel_at_lists(const kernels::Context& context,
                                            const kernels::Conditioned& features,
                                            kernels::ListView lists, int k);

}  // namespace consilience::engine
