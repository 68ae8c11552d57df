#pragma once
#include <cstdint>
#include <functional>

#include "kernels/base/backend.h"

namespace consilience::kernels {

/// Calls body(begin, end) over pieces of [0, count), each at most `grain` long, on
/// `context.threads` threads, each in the default floating-point environment. An exception thrown
/// by a piece is thrown again here.
void parallel_for(const Context& context, int64_t count, int64_t grain,
                  const std::function<void(int64_t, int64_t)>& body);

}  // namespace consilience::kernels
