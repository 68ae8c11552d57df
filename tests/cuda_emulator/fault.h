#pragma once
#include <source_location>
#include <stdexcept>
#include <string>

namespace consilience::cuda_emulator {

/// What a program does that CUDA does not allow, or that works by chance only. Thrown by the call
/// that is wrong or, of kernels, by the next launch or wait on their stream.
class Fault : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// "kernels/cuda/rows.cu:17"
std::string text_of(const std::source_location& where);

}  // namespace consilience::cuda_emulator
