#pragma once
#include <cuda_runtime_api.h>

#include <functional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace consilience::cuda_emulator {

/// A kernel and its arguments, to run once for every CUDA thread.
struct Kernel {
  const void* address = nullptr;
  std::function<void()> body;
  std::vector<const void*> pointers;  // those among the arguments
};

cudaError_t launch(const cudaLaunchConfig_t& config, Kernel kernel);

}  // namespace consilience::cuda_emulator

/// As the toolkit's template of this name, whose arguments the C function has lost the types of.
template <typename... Params, typename... Args>
cudaError_t cudaLaunchKernelEx(const cudaLaunchConfig_t* config, void (*kernel)(Params...),
                               Args&&... args) {
  consilience::cuda_emulator::Kernel made;
  made.address = reinterpret_cast<const void*>(kernel);
  std::tuple<std::decay_t<Params>...> values(std::forward<Args>(args)...);
  const auto note = [&]<typename T>(const T& value) {
    if constexpr (std::is_pointer_v<T>) made.pointers.push_back(value);
  };
  std::apply([&](const auto&... value) { (note(value), ...); }, values);
  made.body = [kernel, values = std::move(values)] { std::apply(kernel, values); };
  return consilience::cuda_emulator::launch(*config, std::move(made));
}

template <typename T>
cudaError_t cudaFuncSetAttribute(T* kernel, cudaFuncAttribute attribute, int value) {
  return cudaFuncSetAttribute(reinterpret_cast<const void*>(kernel), attribute, value);
}
