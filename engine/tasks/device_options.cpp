#include "engine/tasks/device_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "kernels/base/devices.h"

namespace consilience::engine {

models::RunnerOptions device_options(const kernels::Context& where) {
  models::RunnerOptions options;
  if (where.backend != kernels::Backend::cuda) return options;
  const std::vector<kernels::CudaDevice> all = kernels::describe_cuda().devices;
  auto named = std::span(all).subspan(static_cast<size_t>(where.first_device));
  if (where.devices > 0) named = named.first(static_cast<size_t>(where.devices));
  const auto least = std::ranges::min_element(named, {}, &kernels::CudaDevice::memory_bytes);
  options.device = fmt::format("cuda:{}", where.first_device);
  options.devices = static_cast<int>(named.size());
  options.weights_bytes = least->memory_bytes / 10 * 9;
  return options;
}

}  // namespace consilience::engine
