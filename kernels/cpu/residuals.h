#pragma once
#include <cstdint>

#include "kernels/base/candidate_bound.h"
#include "kernels/base/residual_frame.h"
#include "kernels/cpu/fixed_dot.h"

namespace consilience::kernels::cpu {

/// r of row i of `side` in f32 at out [padded()], its padding zero: off by at most 2^-24 |r| + d
/// 2^-126.
Residual residual(const ResidualFrame& frame, const Side& side, double scale, int64_t i,
                  float* out);

}  // namespace consilience::kernels::cpu
