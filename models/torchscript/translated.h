#pragma once
#include <c10/util/Exception.h>
#include <torch/csrc/jit/runtime/jit_exception.h>

#include <new>
#include <string>
#include <type_traits>

#include "kernels/base/error.h"

namespace consilience::models::torchscript {

/// The first line of LibTorch's message: the rest is a C++ backtrace.
std::string first_line(const std::string& message);

/// A TorchScript exception tells the cause last.
std::string last_line(const std::string& message);

/// Calls `work`; LibTorch's exceptions become this project's.
template <typename Work>
std::invoke_result_t<const Work&> translated(const std::string& what, const Work& work) {
  try {
    return work();
  } catch (const c10::OutOfMemoryError& error) {
    fail(Failure::out_of_memory, "{}: out of memory: {}", what,
         first_line(error.what_without_backtrace()));
  } catch (const std::bad_alloc&) {
    fail(Failure::out_of_memory, "{}: out of memory", what);
  } catch (const c10::Error& error) {
    const std::string message = error.what_without_backtrace();
    const bool memory = message.find("can't allocate memory") != std::string::npos ||
                        message.find("out of memory") != std::string::npos;
    fail(memory ? Failure::out_of_memory : Failure::never, "{}: {}", what, first_line(message));
  } catch (const torch::jit::JITException& error) {
    fail(Failure::never, "{}: {}", what, last_line(error.what()));
  }
}

}  // namespace consilience::models::torchscript
