#pragma once
#include <source_location>
#include <stdexcept>
#include <string>
#include <string_view>

namespace consilience::cuda_emulator {

/// What a program does that CUDA does not allow, or that works by chance only. Thrown by the call
/// that is wrong or, of kernels, by the next launch or wait on their stream.
class Fault : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// "kernels/cuda/rows.cu:17"
inline std::string text_of(const std::source_location& where) {
  std::string_view path = where.file_name();
  for (const std::string_view root : {"/kernels/", "/tests/"}) {
    if (const size_t at = path.rfind(root); at != path.npos) path.remove_prefix(at + 1);
  }
  return std::string(path) + ":" + std::to_string(where.line());
}

}  // namespace consilience::cuda_emulator
