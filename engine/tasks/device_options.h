#pragma once
#include "kernels/base/backend.h"
#include "models/runner.h"

namespace consilience::engine {

/// Where a model runs. On CUDA, segments of a large one are dealt over the devices that `where`
/// names, and weights may take nine tenths of each one's memory: the rest is streamed through.
[[nodiscard]] models::RunnerOptions device_options(const kernels::Context& where);

}  // namespace consilience::engine
