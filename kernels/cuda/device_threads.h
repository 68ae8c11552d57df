#pragma once
#include <exception>
#include <functional>
#include <span>
#include <thread>
#include <vector>

#include "kernels/base/float_environment.h"
#include "kernels/cuda/devices.h"

namespace consilience::kernels::cuda {

/// Runs body(place) once for every device, each on a thread of its own with its device current, and
/// waits. The first exception is thrown again here.
inline void on_devices(std::span<const int> devices, const std::function<void(size_t)>& body) {
  std::vector<std::exception_ptr> failures(devices.size());
  {
    std::vector<std::jthread> threads;
    for (size_t at = 0; at < devices.size(); ++at) {
      threads.emplace_back([&, at] {
        try {
          const FloatEnvironment environment;
          const CurrentDevice device(devices[at]);
          body(at);
        } catch (...) {
          failures[at] = std::current_exception();
        }
      });
    }
  }
  for (const std::exception_ptr& failure : failures) {
    if (failure) std::rethrow_exception(failure);
  }
}

}  // namespace consilience::kernels::cuda
