#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "kernels/base/backend.h"
#include "kernels/base/matrix.h"

namespace consilience::bench {

/// The laws that make_rows knows.
///   isotropic    directions without structure: cosines around 0, spread 1 / sqrt(d)
///   anisotropic  a direction that all rows share: cosines around 0.9
///   clusters     100 centres: cosines around 0.99 within a cluster, around 0 between clusters
[[nodiscard]] const std::vector<std::string>& row_laws();

/// Unit rows [n, d] in float32, from Philox normals (Box-Muller): the same bits for every thread
/// count. Precondition: `law` is one of row_laws().
[[nodiscard]] Matrix<float> make_rows(const kernels::Context& context, const std::string& law,
                                      int64_t n, int64_t d, uint64_t seed);

}  // namespace consilience::bench
