#pragma once
#include <c10/util/Exception.h>
#include <torch/csrc/jit/frontend/error_report.h>

#include <new>
#include <stdexcept>
#include <string>
#include <type_traits>

#include "kernels/base/error.h"

namespace consilience::models::torchscript {

/// The first line of LibTorch's message: the rest is a C++ backtrace.
std::string first_line(const std::string& message);

/// A TorchScript exception tells the cause last.
std::string last_line(const std::string& message);

/// Throws Error(out_of_memory) where LibTorch's message is about memory, else Error(never), with
/// `line` of it.
[[noreturn]] void refuse(const std::string& what, const std::string& message,
                         const std::string& line);

/// Calls `work`; LibTorch's exceptions become this project's.
template <typename Work>
std::invoke_result_t<const Work&> translated(const std::string& what, const Work& work) {
  try {
    return work();
  } catch (const Error&) {
    throw;  // told already
  } catch (const c10::OutOfMemoryError& error) {
    fail(Failure::out_of_memory, "{}: out of memory: {}", what,
         first_line(error.what_without_backtrace()));
  } catch (const std::bad_alloc&) {
    fail(Failure::out_of_memory, "{}: out of memory", what);
  } catch (const c10::Error& error) {
    const std::string message = error.what_without_backtrace();
    refuse(what, message, first_line(message));
  } catch (const torch::jit::ErrorReport& error) {  // code with operators that are not there
    refuse(what, error.what(), first_line(error.what()));
  } catch (const std::runtime_error& error) {  // the interpreter: a traceback, then the cause
    refuse(what, error.what(), last_line(error.what()));
  }
}

}  // namespace consilience::models::torchscript
