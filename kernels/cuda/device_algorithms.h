#pragma once
#include <cstdint>

#include "kernels/cuda/owned.h"

/// The one door to Thrust: whole-device algorithms on integers, whose results no order of work can
/// change. Pointers are to device memory; nothing is waited for but what their own memory needs.
namespace consilience::kernels::cuda {

/// keys [count] ascending, values [count] with them; what is equal keeps its order.
void sort_by_key(uint64_t* keys, int32_t* values, int64_t count, const Stream& stream);

/// out [count]: out_i = in_0 + .. + in_i. `out` may be `in`.
void inclusive_scan(const int32_t* in, int32_t* out, int64_t count, const Stream& stream);

}  // namespace consilience::kernels::cuda
